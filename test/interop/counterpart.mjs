// The other side of every exchange: verifies what Python signs, signs what Python verifies, and says what our client reads on the chain.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { timelockDecrypt, timelockEncrypt } from "@vision/chain";
import { runWalletCommand } from "@vision/chain/wallet";
import { subtensorStorage } from "@vision/devnet";
import { epistulaMessage } from "@vision/protocol";
import { createReplayWindow, sha256Hex, signRequest, verifyRequest, verifySignature } from "@vision/signing";
import { btauthPayload, signBtauth, verifyBtauth } from "./btauth.mjs";
import { bodyHash, signSynapse, synapseMessage, verifySynapse } from "./synapse.mjs";

const nowNs = () => BigInt(Date.now()) * 1_000_000n;
const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** Signs a request to Python's server and posts it. `tamper` changes the body after it was signed. */
async function callPython(hotkey, { kind, port, receiver, text, tamper }) {
  const path = kind === "synapse" ? "/EchoSynapse" : "/generate";
  const body = Buffer.from(JSON.stringify({ text }));
  const sent = tamper ? Buffer.from(JSON.stringify({ text: `${text}!` })) : body;
  const signers = {
    epistula: () => signRequest({ hotkey, body, signedFor: receiver, uuid: randomUUID(), timestampMs: Date.now() }),
    synapse: () =>
      signSynapse({ hotkey, axonHotkey: receiver, name: "EchoSynapse", hashFields: [text], nonce: nowNs(), uuid: randomUUID() }),
    btauth: () => signBtauth({ hotkey, receiver, method: "POST", path, body, nonce: nowNs() }),
  };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", headers: signers[kind](), body: sent });
  return { status: response.status, body: await response.text() };
}

/** What our client makes of a subnet, in JSON's terms. */
async function describeSubnet({ chain, devnet }, netuid) {
  const metagraph = await chain.getMetagraph(netuid);
  const state = devnet.chain.stateAt(devnet.chain.head.header.number);
  return {
    blockNumber: devnet.chain.head.header.number,
    neurons: metagraph.neurons.map(({ uid, hotkey, coldkey, stakeRao, hasValidatorPermit, endpoint }) => ({
      uid,
      hotkey,
      coldkey,
      stakeRao: String(stakeRao),
      hasPermit: hasValidatorPermit,
      endpoint,
      weights: state.get(subtensorStorage.weights, netuid, uid),
    })),
    timelockedCommits: state
      .entries(subtensorStorage.timelockedWeightCommits, netuid)
      .flatMap(([, commits]) => commits.map(([who, , bytes, round]) => ({ who, byteCount: bytes.length, round: String(round) }))),
  };
}

/** Messages of the vectors as our code builds them, and whether the signatures that Python made are good. */
function readVectors({ epistula, synapse, btauth }) {
  const messages = {
    epistula: epistulaMessage({
      bodySha256Hex: sha256Hex(Buffer.from(epistula.body)),
      uuid: epistula.uuid,
      timestampMs: epistula.timestampMs,
      signedFor: epistula.signedFor,
    }),
    synapse: synapseMessage({
      nonce: synapse.nonce,
      dendriteHotkey: synapse.signedBy,
      axonHotkey: synapse.signedFor,
      uuid: synapse.uuid,
      bodyHash: bodyHash(synapse.hashFields),
    }).toString(),
    btauth: btauthPayload({
      method: btauth.method,
      path: btauth.path,
      body: Buffer.from(btauth.body),
      nonce: btauth.nonce,
      sender: btauth.signedBy,
      receiver: btauth.signedFor,
    }).toString(),
  };
  const vectors = { epistula, synapse, btauth };
  return Object.fromEntries(
    Object.entries(messages).map(([name, message]) => {
      const signature = Buffer.from(vectors[name].signature.slice(2), "hex");
      const isSignatureValid = verifySignature({ address: vectors[name].signedBy, message: Buffer.from(message), signature });
      return [name, { message, isSignatureValid }];
    }),
  );
}

/** Python's drand package puts the ciphertext into a vector and the round behind it. */
function unwrapTimelock(bytes) {
  const lengthBytes = (bytes[0] & 3) === 0 ? 1 : 2;
  const length = lengthBytes === 1 ? bytes[0] >> 2 : bytes.readUInt16LE(0) >> 2;
  return { ciphertext: bytes.subarray(lengthBytes, lengthBytes + length), round: bytes.readBigUInt64LE(lengthBytes + length) };
}

function wrapTimelock(ciphertext, round) {
  const head = Buffer.alloc(2);
  head.writeUInt16LE((ciphertext.length << 2) | 1);
  const tail = Buffer.alloc(8);
  tail.writeBigUInt64LE(BigInt(round));
  return Buffer.concat([head, ciphertext, tail]);
}

/** Starts the counterpart on a free port. */
export async function serveCounterpart({ hotkey, chain, devnet }) {
  const replayWindow = createReplayWindow({ windowMs: 20_000, maxEntries: 1000, notBeforeMs: 0 });
  const routes = {
    "/epistula": ({ headers, body }) => verifyRequest({ headers, body, ourAddress: hotkey.address, nowMs: Date.now(), replayWindow }),
    "/btauth?of=python": ({ headers, body, path }) => ({
      ok: verifyBtauth({ headers, ourAddress: hotkey.address, method: "POST", path, body }),
    }),
    "/vectors": ({ body }) => readVectors(JSON.parse(body.toString())),
    "/call": ({ body }) => callPython(hotkey, JSON.parse(body.toString())),
    "/subnet": ({ body }) => describeSubnet({ chain, devnet }, JSON.parse(body.toString()).netuid),
    "/wallet": ({ body }) => {
      const { argv, env } = JSON.parse(body.toString());
      return runWalletCommand(argv, { env });
    },
    "/timelock/open": ({ body }) => {
      const { bytes, signature } = JSON.parse(body.toString());
      const { ciphertext, round } = unwrapTimelock(Buffer.from(bytes, "hex"));
      return { round: Number(round), plaintext: hex(timelockDecrypt(ciphertext, Buffer.from(signature, "hex"))) };
    },
    "/timelock/seal": ({ body }) => {
      const { plaintext, round } = JSON.parse(body.toString());
      return { bytes: hex(wrapTimelock(Buffer.from(timelockEncrypt(Buffer.from(plaintext, "hex"), round)), round)) };
    },
  };

  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const exchange = { headers: request.headers, body: Buffer.concat(chunks), path: request.url };
    const reply = (status, value, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    };
    try {
      if (request.url === "/EchoSynapse") return answerSynapse(exchange, reply);
      const route = routes[request.url];
      return route === undefined ? reply(404, { message: "unknown" }) : reply(200, await route(exchange));
    } catch (error) {
      return reply(500, { message: String(error?.stack ?? error) });
    }
  });

  // A dendrite takes the answer from the body and the status from bt_header_axon_* headers.
  const answerSynapse = ({ headers, body }, reply) => {
    const synapse = JSON.parse(body.toString());
    const isOurs = verifySynapse({ headers, ourAddress: hotkey.address, hashFields: [synapse.text] });
    const status = isOurs ? 200 : 401;
    reply(status, isOurs ? { ...synapse, answer: synapse.text.toUpperCase() } : { message: "Not Verified" }, {
      name: "EchoSynapse",
      bt_header_axon_status_code: String(status),
      bt_header_axon_status_message: isOurs ? "Success" : "Not Verified",
      bt_header_axon_hotkey: hotkey.address,
    });
  };

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    address: hotkey.address,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

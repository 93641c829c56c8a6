import { lstat, unlink } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";

/** What is asked at the socket, and what comes back as JSON. */
export type ControlRequest = { readonly method: string; readonly path: string; readonly body: unknown };

/** An answer of the socket. */
export type ControlAnswer = { readonly status: number; readonly body: unknown };

/** A server on a Unix socket. */
export type ControlServer = { close(): Promise<void> };

const MAX_BODY_BYTES = 64 * 1024;

/**
 * Serves JSON over HTTP on a Unix socket that this user alone may use. Whoever may use it is known by that: no request carries a secret, and
 * no web page can reach it.
 *
 * @throws Error where another program listens there, or the file is no socket; errors of listening as Node.js gives them.
 */
export async function serveControl(socket: string, answer: (request: ControlRequest) => ControlAnswer): Promise<ControlServer> {
  await removeAbandoned(socket);
  const server = createServer((request, response) => {
    const respond = ({ status, body }: ControlAnswer) => {
      const text = `${JSON.stringify(body)}\n`;
      response.writeHead(status, { "content-type": "application/json" }).end(text);
    };
    const find = async (): Promise<ControlAnswer> => {
      let body: unknown;
      try {
        body = await readJson(request);
      } catch {
        return { status: 400, body: { problems: ["The body is no JSON."] } };
      }
      return body === TOO_LARGE ? tooLarge : answer({ method: request.method ?? "", path: request.url ?? "", body });
    };
    // Whatever is wrong with an answer, the miner goes on: it has validators to serve.
    find()
      .then(respond)
      .catch((error: unknown) => respond({ status: 500, body: { problems: [`The miner could not answer: ${error}`] } }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Made by `listen` before it returns, with the rights that are left: there is no moment in which another user could connect.
    const earlier = process.umask(0o177);
    server.listen(socket, resolve);
    process.umask(earlier);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const TOO_LARGE = Symbol("too large");
const tooLarge: ControlAnswer = { status: 413, body: { problems: [`The body is larger than ${MAX_BODY_BYTES} bytes.`] } };

/** The body; undefined for none. Rejects for what is no JSON. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) return TOO_LARGE;
  return bytes === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

/** A socket that nobody listens on is left of a miner that was killed. */
async function removeAbandoned(socket: string): Promise<void> {
  const file = await lstat(socket).catch(() => null);
  if (file === null) return;
  if (!file.isSocket()) throw new Error(`${socket} is a file and no socket; choose another control.socket`);
  if (await isListening(socket)) throw new Error(`another program listens at ${socket}; choose another control.socket`);
  await unlink(socket);
}

function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", () => resolve(false));
  });
}

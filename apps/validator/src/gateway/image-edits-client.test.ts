import { crc32, deflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createEmbeddedReference, createInProcessEngine } from "@vision/checking";
import {
  type Answer,
  createRegistry,
  imageEditRequestSchema,
  imageEdits,
  protocolLimits,
  startImageBase64,
  startImageUrl,
} from "@vision/protocol";
import { createBackendCall, tiny } from "@vision/sdk/backends";
import { decodePng, encodePng, type RgbImage } from "@vision/tiny";
import OpenAI, { BadRequestError, toFile } from "openai";
import type { FetchFile } from "../ports/index.js";
import type { FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

const seen: Readonly<Record<string, unknown>>[] = [];
/** Gives back the picture that it is to start from, as often as it is asked. */
const miner: FakeMiner = ({ request }) => {
  seen.push(request);
  const { image, n } = imageEditRequestSchema.parse(request);
  return { body: { data: Array.from({ length: n ?? 1 }, () => ({ b64_json: startImageBase64(image) })) } };
};

/** Left half of one grey, right half of another. */
function halves(side: number): RgbImage {
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => (Math.floor(at / 3) % side < side / 2 ? 20 : 220));
  return { width: side, height: side, pixels };
}

const png = (side: number) => Buffer.from(encodePng(halves(side)));
const ask = { model: "image-edit-tiny", prompt: "a red apple" };

function pictureIn(base64: string | undefined): RgbImage {
  const decoded = decodePng(Buffer.from(base64 ?? "", "base64"), { maxPixels: 32 * 32 });
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.image;
}

let fixture: GatewayFixture;
let openai: OpenAI;
let key: string;

beforeEach(async () => {
  seen.length = 0;
  const registry = new Map([...createRegistry()].map(([id, task]) => [id, { ...task, isEnabled: true }]));
  fixture = await startGateway({ alice: miner }, { registry });
  key = await fixture.addKey();
  openai = new OpenAI({ baseURL: `${fixture.url}/v1`, apiKey: key, maxRetries: 0 });
});
afterEach(() => fixture.close());

async function post(body: string | Uint8Array | FormData, contentType?: string, path = "/v1/images/edits"): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, ...(contentType === undefined ? {} : { "content-type": contentType }) };
  return fetch(`${fixture.url}${path}`, { method: "POST", headers, body });
}

async function refusal(response: Response): Promise<readonly unknown[]> {
  const { error } = (await response.json()) as { error: { code: string; param: string | null; message: string } };
  return [response.status, error.code, error.param, error.message];
}

describe("image edits for the official OpenAI client", () => {
  it("takes an uploaded picture, and gives the miner one of the task's size", async () => {
    const answer = await openai.images.edit({
      ...ask,
      ...{ image: await toFile(png(100), "photo.png", { type: "image/png" }), n: 2, size: "auto", response_format: "b64_json", user: "me" },
    });
    expect(answer.data?.map(({ b64_json }) => pictureIn(b64_json))).toEqual([halves(32), halves(32)]);
    expect(seen).toEqual([{ ...ask, n: 2, response_format: "b64_json", user: "me", image: startImageUrl(png(32).toString("base64")) }]);
  });

  it("takes a list of one, and the fields of diffusion servers as numbers", async () => {
    const extra = { strength: 0.25, steps: 8, seed: 5, guidance_scale: 2.5, negative_prompt: "12" };
    await openai.images.edit({ ...ask, image: [await toFile(png(32), "a.png")], ...extra });
    expect(seen).toEqual([expect.objectContaining(extra)]);
  });

  it("gives links where they are asked for", async () => {
    const { data = [] } = await openai.images.edit({ ...ask, image: await toFile(png(32), "a.png"), response_format: "url" });
    const response = await fetch(data[0]?.url ?? "");
    expect(Buffer.from(await response.arrayBuffer())).toEqual(png(32));
  });

  it("takes a data URL in JSON, in either of OpenAI's ways", async () => {
    const url = startImageUrl(png(32).toString("base64"));
    for (const picture of [{ image: url }, { images: [{ image_url: url }] }]) {
      const response = await post(JSON.stringify({ ...ask, ...picture }), "application/json");
      expect(response.status).toBe(200);
    }
    expect(seen.map(({ image }) => image)).toEqual([url, url]);
    const both = await post(JSON.stringify({ ...ask, image: url, images: [{ image_url: url }] }), "application/json");
    expect((await refusal(both)).slice(0, 3)).toEqual([400, "unsupported", "image"]);
    const none = await post(JSON.stringify({ ...ask, image: null }), "application/json");
    expect((await refusal(none)).slice(0, 3)).toEqual([400, "missing_required_parameter", "image"]);
  });

  it("hands nothing on of a file but its pixels", async () => {
    const plain = png(32);
    const secret = Buffer.from("tEXtLocation\0my house", "latin1");
    const chunk = Buffer.alloc(secret.length + 8);
    chunk.writeUInt32BE(secret.length - 4);
    chunk.set(secret, 4);
    chunk.writeUInt32BE(crc32(secret), secret.length + 4);
    const told = Buffer.concat([plain.subarray(0, 33), chunk, plain.subarray(33), Buffer.from("and more")]);
    await openai.images.edit({ ...ask, image: await toFile(told, "a.png") });
    expect(seen.map(({ image }) => image)).toEqual([startImageUrl(plain.toString("base64"))]);
  });

  it("refuses what it would ignore, and what is no picture, by the field's name; no miner is asked", async () => {
    const file = await toFile(png(32), "a.png");
    const refused = async (more: object) => {
      const error = await openai.images.edit({ ...ask, image: file, ...more }).catch((caught: unknown) => caught);
      if (!(error instanceof BadRequestError)) throw error;
      return [error.param, error.code];
    };
    const broken = png(32);
    broken[60] = 1;
    expect(await refused({ mask: file })).toEqual(["mask", "unsupported"]);
    expect(await refused({ image: [file, file] })).toEqual(["image", "unsupported"]);
    expect(await refused({ stream: true })).toEqual(["stream", "unsupported"]);
    expect(await refused({ size: "1024x1024" })).toEqual(["size", "unsupported"]);
    expect(await refused({ image: await toFile(Buffer.from("hello"), "a.png") })).toEqual(["image", "invalid_value"]);
    expect(await refused({ image: await toFile(Buffer.alloc(100, 0xff), "a.jpg") })).toEqual(["image", "invalid_value"]);
    expect(await refused({ image: await toFile(broken, "a.png") })).toEqual(["image", "invalid_value"]);
    expect(await refused({ strength: 2 })).toEqual(["strength", expect.stringContaining("above_max")]);
    expect(await refused({ n: 99 })).toEqual(["n", expect.stringContaining("above_max")]);
    expect(seen).toEqual([]);
  });

  it("never fetches an address", async () => {
    for (const image of [`${fixture.url}/v1/models`, "file:///etc/passwd", "data:image/svg+xml,<svg/>"]) {
      const response = await post(JSON.stringify({ ...ask, image }), "application/json");
      expect((await refusal(response)).slice(0, 3)).toEqual([400, "invalid_value", "image"]);
    }
    expect(seen).toEqual([]);
  });

  it("is not served, and reads no large body, where the task is off", async () => {
    await fixture.close();
    fixture = await startGateway({ alice: miner });
    key = await fixture.addKey();
    const form = new FormData();
    for (const [name, value] of Object.entries(ask)) form.set(name, value);
    form.set("image", new Blob([new Uint8Array(png(32))]));
    expect((await refusal(await post(form))).slice(0, 2)).toEqual([404, "model_not_found"]);
    form.set("image", new Blob([new Uint8Array(300_000)]));
    expect((await refusal(await post(form))).slice(0, 2)).toEqual([413, "payload_too_large"]);
  });
});

describe("an upload, made by an honest miner and checked", () => {
  it("is worth its full pay, and the picture as it came is worth nothing", async () => {
    await openai.images.edit({ ...ask, image: await toFile(png(100), "photo.png") });
    const task = createRegistry().get("image-edit-tiny");
    if (task === undefined) throw new Error("there is no such task");
    const { signal } = new AbortController();
    // What goes over the wire, as JSON.
    const request = JSON.parse(JSON.stringify(imageEdits.normalise(imageEditRequestSchema.parse(seen[0]), { task, fallbackSeed: 3 })));
    const collector = imageEdits.createCollector(request);
    for await (const part of tiny().run(createBackendCall({ task, request: { ...request, model: task.model }, isStream: false, signal }))) {
      if (part.kind === "body") expect(collector.addBody(JSON.parse(part.body))).toMatchObject({ ok: true });
    }
    const finished = collector.finish();
    if (!finished.ok) throw new Error(finished.reason);
    const reference = createEmbeddedReference(createInProcessEngine());
    const check = (answer: Answer) => reference.check({ task, request, answer, sampler: "unknown", signal });
    expect(await check(finished.answer)).toMatchObject({ kind: "judged", qualityFraction: 1 });
    const lazy = { kind: "images", imagesBase64: [startImageBase64(request.image)] } as const;
    expect(await check(lazy)).toMatchObject({ kind: "judged", qualityFraction: 0 });
    await reference.close();
  });
});

describe("a form of a stranger", () => {
  const typed = (boundary: string) => `multipart/form-data; boundary=${boundary}`;
  const part = (name: string, value = "x") => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

  it.each([
    ["without a boundary", "multipart/form-data", "x"],
    ["with an impossible boundary", typed("ä".repeat(3)), "x"],
    ["that holds none", typed("b"), "x"],
    ["that breaks off", typed("b"), part("model")],
    ["of too many parts", typed("b"), `${part("model").repeat(70)}--b--`],
    ["with headers that do not end", typed("b"), `--b\r\nContent-Disposition: form-data; name="${"n".repeat(5_000)}"\r\n\r\nx\r\n--b--`],
    ["of no fields", typed("b"), "--b--\r\n"],
    ["of fields that nothing has", typed("b"), `${part("__proto__")}${part("constructor")}--b--\r\n`],
  ])("is refused: %s", async (_name, contentType, body) => {
    const response = await post(Buffer.from(body), contentType);
    expect(response.status).toBe(400);
    expect(seen).toEqual([]);
  });

  it("is taken at no other address", async () => {
    const response = await post(Buffer.from(`${part("model")}--b--`), typed("b"), "/v1/chat/completions");
    expect((await refusal(response)).slice(0, 2)).toEqual([415, "unsupported_media_type"]);
  });

  it("unpacks no more than the picture's size says, and refuses more pixels before it unpacks any", async () => {
    const bomb = (side: number) => {
      const file = png(32);
      const header = Buffer.from(file.subarray(12, 29));
      header.writeUInt32BE(side, 4);
      header.writeUInt32BE(side, 8);
      const pixels = Buffer.concat([Buffer.from("IDAT"), deflateSync(Buffer.alloc(50_000_000))]);
      const chunk = (typeAndData: Buffer) => {
        const around = Buffer.alloc(typeAndData.length + 8);
        around.writeUInt32BE(typeAndData.length - 4);
        around.set(typeAndData, 4);
        around.writeUInt32BE(crc32(typeAndData), typeAndData.length + 4);
        return around;
      };
      return Buffer.concat([file.subarray(0, 8), chunk(header), chunk(pixels), chunk(Buffer.from("IEND"))]);
    };
    for (const [side, reason] of [
      [32, "unpacked"],
      [4000, `at most ${protocolLimits.startImagePixels} pixels`],
    ] as const) {
      const form = new FormData();
      for (const [name, value] of Object.entries(ask)) form.set(name, value);
      form.set("image", new Blob([new Uint8Array(bomb(side))]));
      expect(await refusal(await post(form))).toEqual([400, "invalid_value", "image", expect.stringContaining(reason)]);
    }
  });
});

describe("a picture that a body names by its address", () => {
  const fetched: URL[] = [];
  const bytes = png(32);
  const start = async (fetchFile: FetchFile, pictureHosts = ["files.example"]) => {
    fetched.length = 0;
    await fixture.close();
    const registry = new Map([...createRegistry()].map(([id, task]) => [id, { ...task, isEnabled: true }]));
    const options = { pictureHosts };
    const noted: FetchFile = (url, limits) => {
      fetched.push(url);
      return fetchFile(url, limits);
    };
    fixture = await startGateway({ alice: miner }, { registry, options, fetchFile: noted });
    key = await fixture.addKey();
  };
  const edit = (image: string) => post(JSON.stringify({ ...ask, image }), "application/json");

  it("is fetched from hosts that the operator names, and goes to the miner as any other", async () => {
    await start(async () => ({ ok: true, bytes }));
    expect((await edit("https://files.example/a.png?b=c")).status).toBe(200);
    expect((await edit("HTTPS://Files.Example/a.png")).status).toBe(200);
    expect(fetched.map(String)).toEqual(["https://files.example/a.png?b=c", "https://files.example/a.png"]);
    expect(seen.map(({ image }) => image)).toEqual(Array(2).fill(startImageUrl(bytes.toString("base64"))));
  });

  it.each([
    ["https://other.example/a.png", "not fetched from this host"],
    ["https://files.example.evil.example/a.png", "not fetched from this host"],
    ["https://127.0.0.1/a.png", "not fetched from this host"],
    ["https://files.example:8443/a.png", "without a port"],
    ["https://me:secret@files.example/a.png", "without a port and a name"],
    ["https://", "must be https"],
    ["http://files.example/a.png", "PNG as a data URL"],
    ["file:///etc/passwd", "PNG as a data URL"],
  ])("is refused and not fetched: %s", async (address, reason) => {
    await start(async () => ({ ok: true, bytes }));
    const [status, , param, message] = await refusal(await edit(address));
    expect([status, param, message]).toEqual([400, "image", expect.stringContaining(reason)]);
    expect([fetched, seen]).toEqual([[], []]);
  });

  it("is refused where no host is named, where it cannot be had, and where it is no picture", async () => {
    await start(async () => ({ ok: true, bytes }), []);
    expect((await refusal(await edit("https://files.example/a.png")))[3]).toContain("not fetched from this host");
    expect(fetched).toEqual([]);
    await start(async () => ({ ok: false, reason: "its host answers 404" }));
    expect((await refusal(await edit("https://files.example/a.png")))[3]).toContain("its host answers 404");
    await start(async () => ({ ok: true, bytes: Buffer.from("<html>") }));
    expect((await edit("https://files.example/a.png")).status).toBe(400);
    expect(seen).toEqual([]);
  });

  it("regression: one key's slow files took the place of everybody's; a key waits for so many at a time, and so do all, and none without a key", async () => {
    let give = (): void => undefined;
    const given = new Promise<void>((resolve) => {
      give = resolve;
    });
    await start(async () => {
      await given;
      return { ok: true, bytes };
    });
    const waiting: Promise<Response>[] = [];
    const expectRefused = async () => {
      const refused = await edit("https://files.example/a.png");
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    };
    for (const id of ["a", "b", "c", "d"]) {
      key = await fixture.addKey({ id, concurrentRequests: 100 });
      for (let count = 0; count < 4; count += 1) waiting.push(edit("https://files.example/a.png"));
      while (fetched.length < waiting.length) await new Promise(setImmediate);
      await expectRefused();
    }
    key = await fixture.addKey({ id: "e" });
    await expectRefused();
    give();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect((await edit("https://files.example/a.png")).status).toBe(200);
    key = "vsn-nobody";
    expect((await edit("https://files.example/a.png")).status).toBe(401);
    expect(fetched).toHaveLength(17);
  });
});

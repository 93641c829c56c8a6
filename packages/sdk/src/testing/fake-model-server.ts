import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultTasks, getFamily, type Task, type TaskFamily } from "@vision/protocol";
import { createBackendCall } from "../backends/backend-call.js";
import { fakeAnswer } from "./fake-answer.js";

/** Options of {@link startFakeModelServer}. */
export type FakeModelServerOptions = {
  /** The models that the server lists. */
  readonly models: readonly string[];
  /** Default 0: any free port. */
  readonly port?: number;
  /** Context length that it tells of its models, as vLLM does; not told if not given. */
  readonly contextTokens?: number;
};

/** A running stand-in for a model server. */
export type FakeModelServer = {
  /** Where its API begins: `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  /** Bodies of the requests so far, in order. */
  readonly requests: readonly Readonly<Record<string, unknown>>[];
  /** Their headers, in the same order. */
  readonly headers: readonly IncomingHttpHeaders[];
  close(): Promise<void>;
};

/**
 * Stands in for vLLM, Ollama or another server that speaks OpenAI's API, on loopback: it lists its models and gives each request a well-formed
 * answer, streamed or whole, with a logprob for every token. A request that the protocol refuses gets 400.
 *
 * @example
 * ```ts
 * const server = await startFakeModelServer({ models: ["my-model"] });
 * const backend = openaiCompatible({ baseUrl: server.baseUrl });
 * ```
 */
export async function startFakeModelServer({ models, port = 0, contextTokens }: FakeModelServerOptions): Promise<FakeModelServer> {
  const requests: Record<string, unknown>[] = [];
  const headers: IncomingHttpHeaders[] = [];

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    if (incoming.url === "/v1/models")
      return sendJson(outgoing, 200, { object: "list", data: models.map((id) => ({ id, object: "model", max_model_len: contextTokens })) });
    const task = defaultTasks.find(({ family }) => getFamily(family).path === incoming.url);
    if (task === undefined) return sendJson(outgoing, 404, { error: { message: `there is no ${incoming.url}` } });
    const body = await readBody(incoming, getFamily(task.family));
    const parsed = getFamily(task.family).requestSchema.safeParse(body);
    if (!parsed.success) return sendJson(outgoing, 400, { error: { message: parsed.error.message } });
    requests.push({ ...(body as Record<string, unknown>) });
    headers.push(incoming.headers);
    await sendAnswer(outgoing, task, parsed.data);
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    headers,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function sendAnswer(outgoing: ServerResponse, { id, ...task }: Task, request: Readonly<Record<string, unknown>>) {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const isStream = request["stream"] === true;
  const call = createBackendCall({ task: { ...task, id, model: String(request["model"]) }, request, isStream, signal: gone.signal });
  outgoing.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
  for await (const part of fakeAnswer(call)) {
    if (part.kind === "event") outgoing.write(`data: ${part.data}\n\n`);
    else if (part.kind === "body") outgoing.write(part.body);
  }
  outgoing.end(isStream ? "data: [DONE]\n\n" : "");
}

/** A body of JSON, or of a form, as servers take requests with files; null for what is neither. */
async function readBody(incoming: IncomingMessage, { fileFields }: Pick<TaskFamily, "fileFields">): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  try {
    return fileFields.length === 0 ? JSON.parse(bytes.toString("utf8")) : await readForm(bytes, incoming.headers["content-type"] ?? "");
  } catch {
    return null;
  }
}

async function readForm(bytes: Buffer, contentType: string): Promise<Readonly<Record<string, unknown>>> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of await new Response(bytes, { headers: { "content-type": contentType } }).formData()) {
    if (typeof value === "string") fields[name] = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    else fields[name] = `data:${value.type};base64,${Buffer.from(await value.arrayBuffer()).toString("base64")}`;
  }
  return fields;
}

function sendJson(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(body));
}

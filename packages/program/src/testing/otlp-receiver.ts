import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { type ReceivedSpan, readOtlpSpans } from "./read-otlp-spans.js";

/** One request to the collector. */
export type ReceivedExport = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** A collector on a free port, for tests. */
export type OtlpReceiver = {
  /** Without a closing slash. */
  readonly url: string;
  readonly exports: readonly ReceivedExport[];
  /** Whatever came so far. */
  spans(): readonly ReceivedSpan[];
  /** Resolves once the spans satisfy the condition. */
  until(isEnough: (spans: readonly ReceivedSpan[]) => boolean): Promise<readonly ReceivedSpan[]>;
  close(): Promise<void>;
};

/** @param answer - What it does with a request: `ok`, or take it and never say a word. */
export async function startOtlpReceiver({ answer = "ok" }: { readonly answer?: "ok" | "hang" } = {}): Promise<OtlpReceiver> {
  const exports: ReceivedExport[] = [];
  const spans: ReceivedSpan[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    exports.push({ path: request.url ?? "", headers: request.headers, body });
    spans.push(...readOtlpSpans(body));
    if (answer === "ok") response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    for (const look of waiting) look();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exports,
    spans: () => spans,
    until: (isEnough) =>
      new Promise((resolve) => {
        const look = () => {
          if (!isEnough(spans)) return;
          waiting.delete(look);
          resolve(spans);
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

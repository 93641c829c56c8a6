import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { PageFiles } from "../ports/index.js";
import type { Door } from "./door.js";

const deflate = promisify(gzip);

/** The page runs its own scripts and talks to its own server, to nobody else; no other site can put it into a frame. */
const securityHeaders = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

/** Their names hold a digest of what is in them. */
const hashed = /^assets\//;

const pointer = `This is a Vision validator. Its page has not been built: run "npm run build" and start it again.
The API is under /v1 and described at /openapi.json; /v1/live tells what is going on.
`;

/** Serves the built page at `/`; where there is none, a few words that say where to go. Its parts are links of the one document. */
export function addPageRoutes(
  app: FastifyInstance,
  { page, door }: { readonly page: PageFiles; readonly door: Pick<Door, "letStrangerIn"> },
): void {
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    door.letStrangerIn(request);
    reply.headers(securityHeaders);
  };
  if (!page.has("index.html")) {
    app.get("/", { onRequest }, async (_request, reply) => reply.type("text/plain; charset=utf-8").send(pointer));
    return;
  }
  for (const [path, { bytes, contentType }] of page) {
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
    let zipped: Promise<Buffer> | null = null;
    app.get(path === "index.html" ? "/" : `/${path}`, {
      onRequest,
      async handler(request, reply) {
        const isZipped = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
        const tag = isZipped ? `${etag.slice(0, -1)}-gzip"` : etag;
        reply.headers({
          ...{ etag: tag, vary: "accept-encoding" },
          "cache-control": hashed.test(path) ? "public, max-age=31536000, immutable" : "no-cache",
        });
        if (String(request.headers["if-none-match"] ?? "").includes(tag)) return reply.code(304).send();
        reply.type(contentType);
        if (!isZipped) return reply.send(bytes);
        zipped ??= deflate(bytes, { level: 9 });
        return reply.header("content-encoding", "gzip").send(await zipped);
      },
    });
  }
}

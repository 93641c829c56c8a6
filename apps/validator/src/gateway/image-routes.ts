import type { FastifyInstance } from "fastify";
import { ApiError } from "./api-error.js";
import type { Door } from "./door.js";
import { IMAGE_PATH, type ImageLinks } from "./image-links.js";

type Link = { readonly Params: { readonly id: string }; readonly Querystring: Readonly<Record<string, unknown>> };

const textOf = (value: unknown) => (typeof value === "string" ? value.slice(0, 128) : "");

/** The pictures behind the links that users were given. Whoever has a link needs no key. */
export function addImageRoutes(
  app: FastifyInstance,
  { links, door }: { readonly links: ImageLinks; readonly door: Pick<Door, "letStrangerIn"> },
): void {
  app.get<Link>(`${IMAGE_PATH}:id.png`, {
    onRequest: async (request) => door.letStrangerIn(request),
    async handler({ params, query }, reply) {
      const found = links.read({ id: params.id, expires: textOf(query["expires"]), signature: textOf(query["signature"]) });
      if (found.kind !== "found") {
        const isForged = found.kind === "forged";
        const message = isForged ? "The link is not valid." : "The link has ended: pictures are kept for an hour at most.";
        throw new ApiError({ status: isForged ? 403 : 404, code: isForged ? "invalid_signature" : "not_found", message });
      }
      reply.headers({ "cache-control": `private, max-age=${found.leftSeconds}`, "x-content-type-options": "nosniff" });
      return reply.type("image/png").send(found.png);
    },
  });
}

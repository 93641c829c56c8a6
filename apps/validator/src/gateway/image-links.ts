import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Clock } from "../ports/index.js";

/** Pictures that users fetch by link. */
export type ImageLinks = {
  /** Keeps a picture. @returns The path of its link, which ends after an hour. */
  publish(base64: string): string;
  /** The picture of a link's parts, and how long it lasts; or why there is none. */
  read(link: ImageLink): KeptImage;
};

type KeptImage =
  | { readonly kind: "found"; readonly png: Buffer; readonly leftSeconds: number }
  | { readonly kind: "forged" }
  | { readonly kind: "gone" };

/** What a link says. */
export type ImageLink = { readonly id: string; readonly expires: string; readonly signature: string };

/** Where pictures are. */
export const IMAGE_PATH = "/v1/images/files/";

const LINK_SECONDS = 3_600; // OpenAI's links last as long
/** What is kept at most: the gateway stays small, and whoever fetches a picture does so at once. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Keeps pictures in memory and signs links to them, so that one who guesses learns not even what was there. When there are too many the oldest
 * go before their time.
 */
export function createImageLinks({ secret, clock }: { readonly secret: Uint8Array; readonly clock: Pick<Clock, "nowMs"> }): ImageLinks {
  const kept = new LRUCache<string, Buffer>({ maxSize: MOST_BYTES, sizeCalculation: (png) => Math.max(1, png.length) });
  const sign = (id: string, expires: string) => createHmac("sha256", secret).update(`${id} ${expires}`).digest();

  return {
    publish(base64) {
      const id = randomUUID();
      kept.set(id, Buffer.from(base64, "base64"));
      const expires = String(Math.floor(clock.nowMs() / 1000) + LINK_SECONDS);
      return `${IMAGE_PATH}${id}.png?expires=${expires}&signature=${sign(id, expires).toString("base64url")}`;
    },
    read({ id, expires, signature }) {
      const expected = sign(id, expires);
      const given = Buffer.from(signature, "base64url");
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { kind: "forged" };
      const leftSeconds = Number(expires) - Math.floor(clock.nowMs() / 1000);
      if (leftSeconds <= 0) {
        kept.delete(id);
        return { kind: "gone" };
      }
      const png = kept.get(id);
      return png === undefined ? { kind: "gone" } : { kind: "found", png, leftSeconds };
    },
  };
}

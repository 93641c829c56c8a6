import { protocolLimits } from "../../limits.js";
import type { AddedParts, AnswerCollector } from "../family.js";
import { asFields } from "../text/read-fields.js";
import { plainPng } from "./plain-png.js";

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function isBase64(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length % 4 === 0 && BASE64.test(value);
}

/** Collector of image answers, which come in one body. */
export function createImageCollector(): AnswerCollector {
  let images: readonly string[] = [];
  return {
    addEvent: () => ({ ok: false, reason: "image answers are not streamed" }),
    addBody(body): AddedParts {
      const refuse = (where: string): AddedParts => ({ ok: false, reason: `not an image answer: ${where} is not valid` });
      const data = asFields(body)?.["data"];
      if (!Array.isArray(data) || data.length === 0 || data.length > protocolLimits.images) return refuse("data");
      const found: string[] = [];
      for (const [index, each] of data.entries()) {
        const image = asFields(each)?.["b64_json"];
        if (!isBase64(image)) return refuse(`data.${index}.b64_json`);
        found.push(plainPng(image));
      }
      images = found;
      return { ok: true, parts: [{ kind: "images", imagesBase64: images }] };
    },
    hasContent: () => images.length > 0,
    isComplete: () => images.length > 0,
    unitsSoFar: () => null,
    finish: () =>
      images.length > 0
        ? { ok: true, answer: { kind: "images", imagesBase64: images } }
        : { ok: false, reason: "the answer holds no image" },
  };
}

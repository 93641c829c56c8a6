import { getFamily, imageGeneration, imageRequestSchema } from "@vision/protocol";
import { z } from "zod";
import type { Endpoint } from "./endpoint.js";
import { createFamilyEndpoint } from "./family-endpoint.js";

const familyEndpoint = createFamilyEndpoint(getFamily(imageGeneration.name));

const { size, response_format: format } = imageRequestSchema.shape;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const areLinksAsked = (body: unknown) => isFields(body) && body["response_format"] === "url";

/** Images, with what miners need not know: links in the place of pictures, and a size that is left to the task. */
export const imagesEndpoint: Endpoint = {
  ...familyEndpoint,
  requestSchema: imageRequestSchema.extend({
    size: z.union([z.literal("auto"), size]),
    response_format: z.union([z.literal("url"), format]),
  }),
  toFamilyBody(body) {
    if (!isFields(body)) return body;
    const { size: asked, ...rest } = body;
    return {
      ...rest,
      ...(asked === undefined || asked === "auto" ? {} : { size: asked }),
      ...(areLinksAsked(body) ? { response_format: "b64_json" } : {}),
    };
  },
  createPresenter(identity, presented) {
    const presenter = familyEndpoint.createPresenter(identity, presented);
    if (!areLinksAsked(presented.body)) return presenter;
    return {
      ...presenter,
      choice(answer) {
        if (answer.kind !== "images") throw new TypeError("an image answer holds images");
        return answer.imagesBase64.map((image) => ({ url: presented.publishImage(image) }));
      },
    };
  },
};

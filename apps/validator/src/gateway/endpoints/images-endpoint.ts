import { getFamily, imageGeneration, imageRequestSchema } from "@vision/protocol";
import { z } from "zod";
import type { Endpoint, ReadBody } from "./endpoint.js";
import { createFamilyEndpoint } from "./family-endpoint.js";
import { isFields } from "./fields.js";

const familyEndpoint = createFamilyEndpoint(getFamily(imageGeneration.name));

const { size, response_format: format } = imageRequestSchema.shape;

const areLinksAsked = (body: unknown) => isFields(body) && body["response_format"] === "url";

/** Images, with what miners need not know: links in the place of pictures, and a size that is left to the task. */
export const imagesEndpoint: Endpoint = {
  ...familyEndpoint,
  requestSchema: imageRequestSchema.extend({
    size: z.union([z.literal("auto"), size]),
    response_format: z.union([z.literal("url"), format]),
  }),
  read(body) {
    const { familyBody, createPresenter } = familyEndpoint.read(toFamilyBody(body));
    return { familyBody, createPresenter: areLinksAsked(body) ? withLinks(createPresenter) : createPresenter };
  },
};

function toFamilyBody(body: unknown): unknown {
  if (!isFields(body)) return body;
  const { size: asked, ...rest } = body;
  return {
    ...rest,
    ...(asked === undefined || asked === "auto" ? {} : { size: asked }),
    ...(areLinksAsked(body) ? { response_format: "b64_json" } : {}),
  };
}

function withLinks(createPresenter: ReadBody["createPresenter"]): ReadBody["createPresenter"] {
  return (identity, publishing) => ({
    ...createPresenter(identity, publishing),
    choice(answer) {
      if (answer.kind !== "images") throw new TypeError("an image answer holds images");
      return answer.imagesBase64.map((image) => ({ url: publishing.publishImage(image) }));
    },
  });
}

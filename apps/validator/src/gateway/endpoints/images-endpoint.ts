import { getFamily, imageGeneration, imageRequestSchema, type TaskFamily } from "@vision/protocol";
import { z } from "zod";
import type { Endpoint, ReadBody } from "./endpoint.js";
import { createFamilyEndpoint } from "./family-endpoint.js";
import { isFields } from "./fields.js";

const { size, response_format: format } = imageRequestSchema.shape;

/** What miners of images need not know: links in the place of pictures, and a size that is left to the task. */
export const userImageFields = {
  size: z.union([z.literal("auto"), size]),
  response_format: z.union([z.literal("url"), format]),
};

const areLinksAsked = (body: unknown) => isFields(body) && body["response_format"] === "url";

/**
 * An endpoint of a family of images.
 *
 * @param requestSchema - The family's, with {@link userImageFields}.
 */
export function createImagesEndpoint(family: TaskFamily, requestSchema: z.ZodType): Endpoint {
  const familyEndpoint = createFamilyEndpoint(family);
  return {
    ...familyEndpoint,
    requestSchema,
    read(body) {
      const { familyBody, createPresenter } = familyEndpoint.read(toFamilyBody(body));
      return { familyBody, createPresenter: areLinksAsked(body) ? withLinks(createPresenter) : createPresenter };
    },
  };
}

/** Images of words. */
export const imagesEndpoint = createImagesEndpoint(getFamily(imageGeneration.name), imageRequestSchema.extend(userImageFields));

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

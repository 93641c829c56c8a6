import { getFamily, imageEditRequestSchema, imageEdits, startImageUrl } from "@vision/protocol";
import type { FormData } from "undici";
import { ApiError } from "../api-error.js";
import { fitStartImage } from "../fit-start-image.js";
import { parseRequest } from "../parse-request.js";
import type { Endpoint } from "./endpoint.js";
import { type Fields, isFields, isSet } from "./fields.js";
import { createImagesEndpoint, userImageFields } from "./images-endpoint.js";

const family = getFamily(imageEdits.name);
const endpoint = createImagesEndpoint(family, imageEditRequestSchema.extend(userImageFields));

/** Fields that are numbers, which a form writes as text. */
const NUMBERS: readonly string[] = ["n", "seed", "steps", "strength", "guidance_scale"];
const NUMBER = /^-?\d+(\.\d+)?$/;

/** Images from a picture: a file of a form, as OpenAI's clients send it, a data URL, or an address of a host that the operator allows. */
export const imageEditsEndpoint: Endpoint = {
  ...endpoint,
  read: (body) => endpoint.read(withOneImage(body)),
  async fetchFiles(body, fetchPicture) {
    const one = withOneImage(body);
    const { image } = isFields(one) ? one : {};
    if (typeof image !== "string" || !/^https:/i.test(image)) return body;
    return { ...(one as Fields), image: startImageUrl(Buffer.from(await fetchPicture(image, "image")).toString("base64")) };
  },
  readForm,
  async prepare(familyBody, task) {
    const request = parseRequest(familyBody, { family, task });
    return { ...request, image: await fitStartImage(request, task) };
  },
};

async function readForm(form: FormData): Promise<Fields> {
  const fields = new Map<string, unknown>();
  for (const [formName, value] of form) {
    const name = formName.replace(/\[\]$/, "");
    const read = typeof value === "string" ? fromText(name, value) : await toDataUrl(value);
    const before = fields.get(name);
    fields.set(name, before === undefined ? read : [before, read].flat());
  }
  return Object.fromEntries(fields);
}

function fromText(name: string, text: string): unknown {
  if (name === "stream" && /^(true|false)$/.test(text)) return text === "true";
  return NUMBERS.includes(name) && NUMBER.test(text) ? Number(text) : text;
}

/** What kind of file it is, its own bytes tell, and not whoever sends it. */
async function toDataUrl(file: Pick<Blob, "arrayBuffer">): Promise<string> {
  return startImageUrl(Buffer.from(await file.arrayBuffer()).toString("base64"));
}

/** The body with its one picture as `image`, in whichever of OpenAI's ways it stands there. */
function withOneImage(body: unknown): unknown {
  if (!isFields(body)) return body;
  const { image, images, ...rest } = body;
  const [first, ...others] = [image, images].flat().filter(isSet);
  if (others.length > 0) {
    throw new ApiError({ status: 400, code: "unsupported", param: "image", message: "'image' may be one picture only." });
  }
  const url = isFields(first) ? first["image_url"] : first;
  return url === undefined ? rest : { ...rest, image: url };
}

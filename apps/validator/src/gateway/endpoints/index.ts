import { families, type TaskFamily } from "@vision/protocol";
import { completionsEndpoint } from "./completions-endpoint.js";
import type { Endpoint } from "./endpoint.js";
import { createFamilyEndpoint } from "./family-endpoint.js";
import { imageEditsEndpoint } from "./image-edits-endpoint.js";
import { imagesEndpoint } from "./images-endpoint.js";
import { messagesEndpoint } from "./messages/endpoint.js";
import { responsesEndpoint } from "./responses/endpoint.js";

/** Families whose API says more than they do. */
const ownEndpoints: readonly Endpoint[] = [completionsEndpoint, imagesEndpoint, imageEditsEndpoint];

const toEndpoint = (family: TaskFamily) => ownEndpoints.find(({ path }) => path === family.path) ?? createFamilyEndpoint(family);

/** Everything that runs a model. */
export const endpoints: readonly Endpoint[] = [...families.map(toEndpoint), responsesEndpoint, messagesEndpoint];

const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));

/** The endpoint at a path; null where there is none. */
export function findEndpoint(path: string | undefined): Endpoint | null {
  return (path === undefined ? undefined : byPath.get(path)) ?? null;
}

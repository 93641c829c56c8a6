import { families } from "@vision/protocol";
import type { Endpoint } from "./endpoint.js";
import { createFamilyEndpoint } from "./family-endpoint.js";
import { messagesEndpoint } from "./messages/endpoint.js";
import { responsesEndpoint } from "./responses/endpoint.js";

/** Everything that runs a model. */
export const endpoints: readonly Endpoint[] = [...families.map(createFamilyEndpoint), responsesEndpoint, messagesEndpoint];

const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));

/** The endpoint at a path; null where there is none. */
export function findEndpoint(path: string | undefined): Endpoint | null {
  return (path === undefined ? undefined : byPath.get(path)) ?? null;
}

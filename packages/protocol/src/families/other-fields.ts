import type { RequestBody } from "./family.js";

// Only the gateway needs it, and it would tell who asks.
const NEVER_SENT = "user";

/** Everything else that a user sent, in order of name; fields that are null or undefined are the same as absent. */
export function otherFields(request: RequestBody, ownFields: readonly string[]): RequestBody {
  const isOther = (name: string) =>
    name !== NEVER_SENT && !ownFields.includes(name) && request[name] !== null && request[name] !== undefined;
  const names = Object.keys(request).filter(isOther).sort();
  return Object.fromEntries(names.map((name) => [name, request[name]]));
}

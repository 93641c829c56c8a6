import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

const REQUEST_ID_HEADER = "x-request-id";
const usable = /^[\w.:/+=-]{1,128}$/;

/** The name of a request in answers and logs: the one that the user gave it, if it can be printed as it is, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, "headers">): string {
  const given = request.headers[REQUEST_ID_HEADER];
  return typeof given === "string" && usable.test(given) ? given : `req_${randomUUID().replaceAll("-", "")}`;
}

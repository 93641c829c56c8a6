import { z } from "zod";

/** Names of the Epistula version 2 headers, lower case. */
export const epistulaHeaders = {
  version: "epistula-version",
  timestamp: "epistula-timestamp",
  uuid: "epistula-uuid",
  signedBy: "epistula-signed-by",
  signedFor: "epistula-signed-for",
  signature: "epistula-request-signature",
} as const;

/** Headers of a request inside a session, lower case. */
export const sessionHeaders = {
  session: "vision-session",
  counter: "vision-counter",
  timestamp: "vision-timestamp",
  mac: "vision-mac",
} as const;

const decimal = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number);

/** Epistula headers as they come in. `signedFor` is required by us: a request that names no receiver is refused. */
export const epistulaHeadersSchema = z.object({
  [epistulaHeaders.version]: z.literal("2"),
  [epistulaHeaders.timestamp]: decimal,
  [epistulaHeaders.uuid]: z.string().min(1).max(64),
  [epistulaHeaders.signedBy]: z.string().min(40).max(64),
  [epistulaHeaders.signedFor]: z.string().min(40).max(64),
  [epistulaHeaders.signature]: z.string().regex(/^0x[0-9a-f]{128}$/i),
});

/** Session headers as they come in: 16 bytes of session id and 32 of MAC in hex, counter and Unix milliseconds in decimal. */
export const sessionHeadersSchema = z.object({
  [sessionHeaders.session]: z.string().regex(/^[0-9a-f]{32}$/),
  [sessionHeaders.counter]: decimal,
  [sessionHeaders.timestamp]: decimal,
  [sessionHeaders.mac]: z.string().regex(/^[0-9a-f]{64}$/),
});

import { z } from "zod";

/** Where a validator's API is asked to connect back to its sender. */
export const REACH_PATH = "/v1/reach";

/** What is asked: the port of the sender's own address, and of no other, that is to be tried. */
export const reachRequestSchema = z.strictObject({ port: z.int().min(1).max(65_535) });

/** What came of connecting back to whoever asked. */
export const reachReportSchema = z.object({
  /** The sender's address as the validator sees it, which is the one that was tried; null where it is none of the public internet. */
  address: z.string().max(64).nullable(),
  port: z.int().min(1).max(65_535),
  /** `silent`: nothing came back in time. `notTried`: the address is no public one. */
  tcp: z.enum(["accepted", "refused", "silent", "unreachable", "notTried"]),
  /** What came of a TLS handshake, whatever the certificate. `failed`: what is there speaks something else. `silent`: it did not end in time. */
  tls: z.enum(["completed", "failed", "silent", "notTried"]),
  /** Of the certificate in DER; null where no handshake was completed. */
  certificateSha256Hex: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** What it took in all, milliseconds. */
  durationMs: z.number().min(0),
});

/** See {@link reachRequestSchema}. */
export type ReachRequest = z.infer<typeof reachRequestSchema>;
/** See {@link reachReportSchema}. */
export type ReachReport = z.infer<typeof reachReportSchema>;

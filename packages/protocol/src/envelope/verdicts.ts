import type { VerdictsPage } from "../reports/verdicts-page.js";

/** Where a validator's API tells miners the verdicts on their answers. */
export const VERDICTS_PATH = "/v1/verdicts";

/** What a page of verdicts says, as one text: the same at both ends, and again for whoever keeps the page. */
export function verdictsTranscript({ verdicts, next }: Pick<VerdictsPage, "verdicts" | "next">): string {
  const rows = verdicts.map(({ requestId, period, taskId, atMs, qualityFraction, fault, reasons, excessNats, ...timing }) => [
    ...[requestId, period, taskId, atMs, qualityFraction, fault, reasons, excessNats],
    ...[timing.firstTokenMs, timing.durationMs, timing.units],
  ]);
  return JSON.stringify([rows, next]);
}

/** What the signature under a page of verdicts is over. */
export type VerdictsMessage = Pick<VerdictsPage, "validator" | "miner" | "uuid" | "atMs"> & {
  /** SHA-256 of the {@link verdictsTranscript}, hex. */
  readonly transcriptSha256Hex: string;
};

/** The one string that is signed. `uuid` must hold no line feed; that of an Epistula request's header holds none. */
export function verdictsMessage({ validator, miner, uuid, atMs, transcriptSha256Hex }: VerdictsMessage): string {
  return `vision-verdicts-v1\n${validator}\n${miner}\n${uuid}\n${atMs}\n${transcriptSha256Hex}`;
}

import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import type { EpochObservations, ScoringParams } from "@vision/scoring";

/** Everything that `scoreEpoch` of `@vision/scoring` was called with; calling it again gives the same scores, bit for bit. */
export type ScoringInputs = { readonly params: ScoringParams; readonly observations: EpochObservations };

/** The inputs as JSON, one series a piece: on a full subnet the whole is tens of megabytes, too long to be written in one go. */
function* toJsonPieces({ params, observations }: ScoringInputs): Generator<string> {
  const { series, ...rest } = observations;
  yield `{"params":${JSON.stringify(params)},"observations":${JSON.stringify(rest).slice(0, -1)},"series":[`;
  let separator = "";
  for (const each of series) {
    yield `${separator}${JSON.stringify(each)}`;
    separator = ",";
  }
  yield "]}}";
}

/** Gzipped JSON of `{ params, observations }`. */
export function packScoringInputs(inputs: ScoringInputs): Promise<Buffer> {
  const gzip = createGzip({ level: 1 }); // counts compress well at any level; this one costs the least
  return buffer(Readable.from(toJsonPieces(inputs)).pipe(gzip));
}

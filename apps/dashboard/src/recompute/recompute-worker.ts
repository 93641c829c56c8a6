import { type EpochObservations, type EpochReport, type ScoringParams, scoreEpoch } from "@vision/scoring";
import { compareValues } from "./compare-values.js";
import type { RecomputeReply, RecomputeRequest } from "./recompute-messages.js";
import { tamper } from "./tamper.js";

const send = (reply: RecomputeReply) => postMessage(reply);

async function read(url: string): Promise<string> {
  const response = await fetch(url);
  if (response.ok) return response.text();
  throw Object.assign(new Error(`The validator answered ${response.status}.`), { status: response.status });
}

async function recompute({ observationsUrl, scoresUrl, isTampered }: RecomputeRequest): Promise<void> {
  send({ kind: "step", text: "Downloading what was observed and what was published…" });
  const [observationsText, scoresText] = await Promise.all([read(observationsUrl), read(scoresUrl)]);
  const { params, observations: given } = JSON.parse(observationsText) as {
    readonly params: ScoringParams;
    readonly observations: EpochObservations;
  };
  const { createdAtMs: _, ...published } = JSON.parse(scoresText) as EpochReport & { readonly createdAtMs: number };
  const changed = isTampered ? tamper(given) : null;
  const observations = changed?.observations ?? given;
  send({ kind: "step", text: "Computing…" });
  const startedMs = performance.now();
  // What the validator published went through JSON; so does this.
  const computed = JSON.parse(JSON.stringify(scoreEpoch(observations, params))) as EpochReport;
  const computeMs = performance.now() - startedMs;
  const weights = new Map(computed.miners.map(({ hotkey, weight }) => [hotkey, weight]));
  send({
    kind: "done",
    comparison: compareValues(published, computed),
    ...{ period: published.period, preset: published.preset, computeMs, tampered: changed?.what ?? null },
    seriesCount: observations.series.length,
    periodCount: observations.series.reduce((sum, { periods }) => sum + periods.length, 0),
    sampleCount: observations.series.reduce((sum, { samples }) => sum + samples.length, 0),
    observationBytes: observationsText.length,
    weights: published.miners.map(({ hotkey, weight }) => ({ hotkey, published: weight, computed: weights.get(hotkey) ?? 0 })),
  });
}

addEventListener("message", ({ data }: MessageEvent<RecomputeRequest>) => {
  recompute(data).catch((error: unknown) => {
    const { message, status = null } = error as { readonly message: string; readonly status?: number };
    send({ kind: "failed", message, status });
  });
});

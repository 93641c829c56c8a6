import { type EvidenceParams, type MinerTaskReport, MOST_WEIGHT, PROBATION_FRACTION, VISION } from "@vision/scoring";

/** Evidence in words and numbers. */
export type ExplainedEvidence = {
  /** Where a sum decides, nats, and where sums start after a decision. */
  readonly actNats: number;
  readonly restartNats: number;
  /** What one answer weighs, where a sum decides, and what is left of the quality. */
  readonly weight: string;
  readonly decision: string;
  readonly left: string;
};

/** A number of nats as the page writes it. */
export const formatNats = (value: number) => `${value.toFixed(1)} nats`;

/**
 * What evidence about a miner at a task means, by the parameters that it was scored with.
 *
 * @param params - Of the period's report; undefined in one of an earlier version, or of a preset without evidence: then the default's.
 */
export function explainEvidence(
  { evidence: { isDecided, decidedPeriod } }: Pick<MinerTaskReport, "evidence">,
  params: EvidenceParams | undefined,
): ExplainedEvidence {
  const { actNats, windowHours } = params ?? VISION.evidence;
  const restartNats = actNats * PROBATION_FRACTION;
  const whose = params === undefined ? "the default: the report does not say" : "this validator's setting";
  const oneOf = Number(Math.exp(actNats).toPrecision(1)).toLocaleString("en-US");
  const left = isDecided
    ? `nothing for ${windowHours} hours after the decision of period ${decidedPeriod}; then every sum starts at ${formatNats(restartNats)}`
    : decidedPeriod === null
      ? "all of it: nothing was ever decided"
      : `all of it: the decision of period ${decidedPeriod} has lapsed`;
  return {
    ...{ actNats, restartNats, left },
    weight: `ln P(its tokens and logprobs | a suspicion) \u2212 the largest ln P(them | an honest engine), at most ${formatNats(MOST_WEIGHT)} either way`,
    decision: `${whose}, about ln(${oneOf}): one honest engine of so many is taken for another`,
  };
}

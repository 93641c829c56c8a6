import type { LocalnetReport } from "./report-schema.js";

/** An honest miner earns at least this much of an equal share of the honest ones. */
const LEAST_HONEST_SHARE = 0.5;

/** A dishonest one earns at most this much of what the worst paid honest one does. */
const MOST_DISHONEST_SHARE = 0.1;

/** What is wrong with what the last period paid, a line each: an honest miner that is not paid, or a dishonest one that is. */
export function findPaymentFaults({ miners, periods }: Pick<LocalnetReport, "miners" | "periods">): readonly string[] {
  const last = periods.at(-1);
  if (last === undefined) return ["No period was scored."];
  const weightOf = (profile: string) => last.miners.find((miner) => miner.profile === profile)?.weight ?? 0;
  const paid = miners.map(({ profile, isHonest }) => ({ profile, isHonest, weight: weightOf(profile) }));
  const honest = paid.filter(({ isHonest }) => isHonest);
  const least = LEAST_HONEST_SHARE / honest.length;
  const most = MOST_DISHONEST_SHARE * Math.min(...honest.map(({ weight }) => weight));
  return paid.flatMap(({ profile, isHonest, weight }) => {
    if (isHonest && weight < least) return [`${profile} is honest and earns ${weight.toFixed(3)}, less than ${least.toFixed(3)}.`];
    if (!isHonest && weight > most) return [`${profile} is not honest and earns ${weight.toFixed(3)}, more than ${most.toFixed(3)}.`];
    return [];
  });
}

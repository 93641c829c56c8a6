import { protocolLimits } from "../../limits.js";
import type { RequestBody } from "../family.js";

/** How many answers `n` asks for. Whatever it is that it cannot be counts as one, and is left for the schema to refuse. */
export function countByNumber({ n = 1 }: RequestBody): number {
  return typeof n === "number" && Number.isInteger(n) && n >= 1 && n <= protocolLimits.answers ? n : 1;
}

/**
 * As many bodies as `n` asks for, each for one answer. A seed that is named counts up from one to the next, as equal seeds would give equal
 * answers.
 */
export function splitByNumber(body: RequestBody): readonly RequestBody[] {
  const { n, seed } = body;
  const count = countByNumber(body);
  if (count === 1) return [body];
  const { best_of: bestOf, ...single } = body;
  const rest = bestOf === n || bestOf === undefined ? {} : { best_of: bestOf };
  return Array.from({ length: count }, (_, index) => ({
    ...single,
    ...rest,
    n: 1,
    ...(typeof seed === "number" && index > 0 ? { seed: seed + index } : {}),
  }));
}

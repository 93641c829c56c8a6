import { protocolLimits } from "../../limits.js";
import type { RequestBody } from "../family.js";

/**
 * As many bodies as `n` asks for, each for one answer. A seed that is named counts up from one to the next, as equal seeds would give equal
 * answers. Whatever `n` is that it cannot be is left for the schema to refuse.
 */
export function splitByNumber(body: RequestBody): readonly RequestBody[] {
  const { n = 1, seed } = body;
  if (typeof n !== "number" || !Number.isInteger(n) || n < 2 || n > protocolLimits.answers) return [body];
  const { best_of: bestOf, ...single } = body;
  const rest = bestOf === n || bestOf === undefined ? {} : { best_of: bestOf };
  return Array.from({ length: n }, (_, index) => ({
    ...single,
    ...rest,
    n: 1,
    ...(typeof seed === "number" && index > 0 ? { seed: seed + index } : {}),
  }));
}

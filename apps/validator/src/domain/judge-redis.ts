import { type Finding, fail, ok, warn } from "@vision/program";
import { describeBytes } from "./describe-bytes.js";

/** A Redis as a look at it shows it; null for what it does not tell. */
export type RedisState = { readonly version: string | null; readonly evictionPolicy: string | null; readonly usedBytes: number };

/** `redis.call` in scripts that write after they asked for the time. */
const OLDEST_MAJOR = 5;

/** Whether the capacities of a validator can be counted there. */
export function judgeRedis({ version, evictionPolicy, usedBytes }: RedisState): Finding {
  const major = Number(version?.split(".")[0] ?? Number.NaN);
  if (major < OLDEST_MAJOR) return fail(`Redis ${version} is too old`, `Use Redis ${OLDEST_MAJOR} or later.`);
  const seen = `Redis ${version ?? "of unknown version"}, ${describeBytes(usedBytes)}`;
  if (evictionPolicy !== null && evictionPolicy !== "noeviction") {
    return warn(
      `${seen}, forgets keys when its memory is full (${evictionPolicy})`,
      "Set maxmemory-policy to noeviction: what gateways have taken of miners would be forgotten with them.",
    );
  }
  return ok(seen);
}

import type { Task } from "@vision/protocol";
import { getFamily } from "@vision/protocol";
import { countMissedUnits } from "./count-units.js";
import { estimateJsonBytes } from "./estimate-json-bytes.js";
import type { CheckRecord, ResultRecord } from "./records/index.js";

/** Largest check that is kept, bytes of JSON: an answer of 512 tokens takes some 40 KB. */
export const MAX_CHECK_BYTES = 256 * 1024;

/** A result with what is kept of its answer. */
export type BoundResult = { readonly result: ResultRecord; readonly check: CheckRecord | null };

/**
 * The result and check, or what becomes of them when the check is too large to be kept: it is dropped. If nothing that was asked for
 * explains the size, the answer counts as the miner's failure; a large answer to a large request just goes unchecked.
 */
export function boundCheck(result: ResultRecord, check: CheckRecord, task: Task): BoundResult {
  if (estimateJsonBytes([check.request, check.answer], MAX_CHECK_BYTES) <= MAX_CHECK_BYTES) return { result, check };
  const family = getFamily(task.family);
  const maxUnits = family.maxWorkUnits(check.request);
  const maxAnswerBytes = Math.max(MAX_CHECK_BYTES, family.mostAnswerBytes(check.request));
  if (estimateJsonBytes(check.answer, maxAnswerBytes) <= maxAnswerBytes) return { result, check: null };
  return {
    result: {
      ...result,
      outcome: "failed",
      blame: "miner",
      reason: "the answer is far too large",
      failure: { stage: "content", status: 200 },
      ...countMissedUnits(task, maxUnits),
    },
    check: null,
  };
}

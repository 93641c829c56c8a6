import type { Answer, Task } from "@vision/protocol";
import { getFamily } from "@vision/protocol";
import { countMissedUnits } from "./count-units.js";
import { estimateJsonBytes } from "./estimate-json-bytes.js";
import type { CheckRecord, ResultRecord } from "./records/index.js";

/** Largest check that is kept, bytes of JSON: an answer of 512 tokens takes some 40 KB. */
export const MAX_CHECK_BYTES = 256 * 1024;

// A token with its text, bytes and log-probability takes some 80 bytes; the longest one that a vocabulary holds stays below this.
const MAX_BYTES_PER_TOKEN = 2_048;
/** An image without any compression, as base64, with room for its header. */
const MAX_BYTES_PER_PIXEL = 6;
const MAX_IMAGE_OVERHEAD_BYTES = 64 * 1024;

/** A result with what is kept of its answer. */
export type BoundResult = { readonly result: ResultRecord; readonly check: CheckRecord | null };

/**
 * The result and check, or what becomes of them when the check is too large to be kept: it is dropped. If nothing that was asked for
 * explains the size, the answer counts as the miner's failure; a large answer to a large request just goes unchecked.
 */
export function boundCheck(result: ResultRecord, check: CheckRecord, task: Task): BoundResult {
  if (estimateJsonBytes([check.request, check.answer], MAX_CHECK_BYTES) <= MAX_CHECK_BYTES) return { result, check };
  const request = check.request as Readonly<Record<string, unknown>>;
  const maxUnits = getFamily(task.family).maxWorkUnits(request);
  const maxAnswerBytes = Math.max(MAX_CHECK_BYTES, explicableBytes(request, check.answer.kind, maxUnits));
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

function explicableBytes(request: Readonly<Record<string, unknown>>, kind: Answer["kind"], maxUnits: number): number {
  if (kind === "text") return maxUnits * MAX_BYTES_PER_TOKEN;
  const [width = 0, height = 0] = String(request["size"] ?? "")
    .split("x")
    .map(Number);
  const count = typeof request["n"] === "number" ? request["n"] : 1;
  const pixels = Number.isFinite(width * height) ? width * height : 0;
  return count * (pixels * MAX_BYTES_PER_PIXEL + MAX_IMAGE_OVERHEAD_BYTES);
}

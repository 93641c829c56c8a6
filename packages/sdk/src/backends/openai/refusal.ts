import { wireErrorSchema } from "@vision/protocol";
import type { Dispatcher } from "undici";
import { BackendError } from "../inference-backend.js";
import { readBounded } from "./read-answer.js";

/** Error bodies are read up to here, bytes. */
const REFUSAL_BYTES = 64 * 1024;

const codeByStatus: Readonly<Record<number, BackendError["code"]>> = {
  400: "invalid",
  413: "invalid",
  422: "invalid",
  429: "busy",
  // Servers answer 503 while they load a model or shed load: coming back later helps.
  503: "busy",
};

/** A model server's refusal (any status but 200) as an error that tells the miner what to answer. */
export async function refusalOf(response: Dispatcher.ResponseData): Promise<BackendError> {
  const code = codeByStatus[response.statusCode] ?? "failed";
  const retryAfterMs = code === "busy" ? retryAfter(response.headers["retry-after"]) : undefined;
  return new BackendError({
    code,
    message: `The model server answered ${response.statusCode}: ${await reason(response)}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

async function reason(response: Dispatcher.ResponseData): Promise<string> {
  try {
    const text = Buffer.from(await readBounded(response.body, REFUSAL_BYTES)).toString("utf8");
    const parsed = wireErrorSchema.safeParse(safeJson(text));
    return (parsed.success ? parsed.data.error.message : text).slice(0, 500) || "no reason given";
  } catch {
    return "no reason given";
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A Retry-After header in whole or fractional seconds, as milliseconds; at most an hour. Dates are not used by model servers. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, 3_600_000) : undefined;
}

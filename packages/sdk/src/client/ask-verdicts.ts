import { randomUUID } from "node:crypto";
import { anySignal, type MinerVerdict, VERDICTS_PATH, type VerdictsPage, type VerdictsRequest, verdictsPageSchema } from "@vision/protocol";
import { type Hotkey, signRequest, verifyVerdicts } from "@vision/signing";
import { parseJsonBytes } from "../runtime/parse-json.js";

/** Whom a miner asks for the verdicts on its answers. */
export type AskVerdictsOptions = {
  /** Of the validator's API, without the path. */
  readonly url: string;
  /** ss58 address of the validator. Whatever is signed by another counts for nothing. */
  readonly validator: string;
  /** The miner's. */
  readonly hotkey: Hotkey;
  /** Of requests that were sent then or later, Unix milliseconds. */
  readonly sinceMs: number;
  readonly signal?: AbortSignal;
};

/** Verdicts with the signed pages that they came in, which anybody can verify; or why there are none. */
export type VerdictsResult =
  | { readonly ok: true; readonly verdicts: readonly MinerVerdict[]; readonly pages: readonly VerdictsPage[] }
  | { readonly ok: false; readonly reason: string };

const TIMEOUT_MS = 15_000;
/** 500 rows with a few sentences each. */
const MOST_PAGE_BYTES = 2 * 1024 * 1024;
/** A validator cannot keep a miner asking. */
const MOST_PAGES = 100;

/**
 * The verdicts of a validator on a miner's own answers, all pages of them. A page counts only if its signature is by that validator, to
 * this miner, for this very request. Never rejects because of what the other end does.
 */
export async function askVerdicts(options: AskVerdictsOptions): Promise<VerdictsResult> {
  const pages: VerdictsPage[] = [];
  let after: string | null = null;
  do {
    const answer = await askPage(options, after);
    if (!answer.ok) return answer;
    pages.push(answer.page);
    after = answer.page.next;
    if (after !== null && pages.length === MOST_PAGES) return { ok: false, reason: `it has more than ${MOST_PAGES} pages` };
  } while (after !== null);
  return { ok: true, verdicts: pages.flatMap(({ verdicts }) => verdicts), pages };
}

type PageResult = { readonly ok: true; readonly page: VerdictsPage } | { readonly ok: false; readonly reason: string };

async function askPage({ url, validator, hotkey, sinceMs, signal }: AskVerdictsOptions, after: string | null): Promise<PageResult> {
  const question: Partial<VerdictsRequest> = { purpose: "verdicts", sinceMs, after };
  const body = Buffer.from(JSON.stringify(question));
  const uuid = randomUUID();
  const headers = signRequest({ hotkey, body, signedFor: validator, uuid, timestampMs: Date.now() });
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(new URL(VERDICTS_PATH, url), {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
      // A request is signed for one validator at one address.
      redirect: "manual",
      signal: signal === undefined ? limit : anySignal([limit, signal]),
    });
    const bytes = await readBytes(response);
    if (bytes === null) return { ok: false, reason: `its answer has more than ${MOST_PAGE_BYTES} bytes` };
    if (response.status !== 200) return { ok: false, reason: describeRefusal(response.status, bytes) };
    const json = parseJsonBytes(bytes);
    const parsed = json.ok ? verdictsPageSchema.safeParse(json.value) : null;
    if (parsed?.success !== true) return { ok: false, reason: "its answer is no page of verdicts" };
    const isTrue = verifyVerdicts(parsed.data, { validator, miner: hotkey.address, uuid });
    return isTrue
      ? { ok: true, page: parsed.data }
      : { ok: false, reason: "its answer is not signed by the validator's hotkey for this request" };
  } catch (error) {
    if (limit.aborted) return { ok: false, reason: "nothing answered in time" };
    // fetch says only that it failed; the cause says why.
    const { cause } = error as { readonly cause?: { readonly message?: unknown } };
    return { ok: false, reason: String(cause?.message ?? error).slice(0, 200) };
  }
}

async function readBytes(response: Response): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    // Leaving the loop ends the connection.
    if (length > MOST_PAGE_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** The words of an error in OpenAI's shape, cut; they come from outside. */
function describeRefusal(status: number, bytes: Uint8Array): string {
  const json = parseJsonBytes(bytes);
  const error = json.ok && typeof json.value === "object" && json.value !== null && "error" in json.value ? json.value.error : null;
  const message = typeof error === "object" && error !== null && "message" in error ? String(error.message) : "";
  const plain = message.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200);
  return `it answered with status ${status}${plain === "" ? "" : `: ${plain}`}`;
}

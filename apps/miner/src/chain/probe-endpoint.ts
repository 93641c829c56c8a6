import { isIPv6 } from "node:net";
import type { NeuronEndpoint } from "@vision/sdk/chain";
import { z } from "zod";

/** How an endpoint answered `GET /v1/status`. */
export type ProbeResult =
  | { readonly kind: "answers"; readonly hotkey: string; readonly tasks: readonly string[] }
  | { readonly kind: "fails"; readonly reason: string };

const statusSchema = z.looseObject({ hotkey: z.string().max(64), tasks: z.array(z.string().max(64)).max(1024) });

const failureSchema = z.object({
  name: z.string(),
  message: z.string(),
  cause: z.object({ message: z.string() }).optional().catch(undefined),
});

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 256 * 1024; // 1024 task names of 64 characters, and room

/** Where an endpoint's status is. Loopback addresses and 0.0.0.1 stand for this machine on development chains. */
export function statusUrl({ host, port }: NeuronEndpoint): string {
  const reachable = host.startsWith("127.") || host === "0.0.0.1" ? "127.0.0.1" : host;
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}/v1/status`;
}

/**
 * Asks an endpoint who it is. Never rejects: whatever sits there, the answer is a value.
 *
 * @param options - `timeoutMs` for the whole answer, milliseconds. Default 10 s.
 */
export async function probeEndpoint(endpoint: NeuronEndpoint, options: { readonly timeoutMs?: number } = {}): Promise<ProbeResult> {
  try {
    const response = await fetch(statusUrl(endpoint), { signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS), redirect: "error" });
    if (response.status !== 200) return { kind: "fails", reason: `it answered with status ${response.status}` };
    const status = safeParseStatus(await readText(response));
    if (status === null) return { kind: "fails", reason: "what answered is no Vision miner" };
    return { kind: "answers", hotkey: status.hotkey, tasks: status.tasks };
  } catch (error) {
    return { kind: "fails", reason: reasonOf(error) };
  }
}

function safeParseStatus(text: string): z.infer<typeof statusSchema> | null {
  try {
    return statusSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function readText(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_BYTES) throw new Error("the answer is too large");
  }
  return text;
}

function reasonOf(error: unknown): string {
  const failure = failureSchema.safeParse(error);
  if (!failure.success) return String(error).slice(0, 200);
  const { name, message, cause } = failure.data;
  if (name === "TimeoutError") return "nothing answered in time";
  // fetch says only that it failed; the cause says why.
  return cause?.message ?? message;
}

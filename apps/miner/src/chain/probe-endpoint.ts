import { isIPv6 } from "node:net";
import type { NeuronEndpoint } from "@vision/sdk/chain";
import { z } from "zod";

/** How an endpoint answered `GET /v1/status`. */
export type ProbeResult =
  | { readonly kind: "answers"; readonly hotkey: string; readonly tasks: readonly string[] }
  | { readonly kind: "fails"; readonly reason: string };

const statusSchema = z.looseObject({ hotkey: z.string().max(64), tasks: z.array(z.string().max(64)).max(1024) });

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 256 * 1024; // 1024 task names of 64 characters, and room

/** Where an endpoint's status is. Loopback addresses and 0.0.0.1 stand for this machine on development chains. */
export function statusUrl({ host, port }: NeuronEndpoint): string {
  const reachable = host.startsWith("127.") || host === "0.0.0.1" ? "127.0.0.1" : host;
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}/v1/status`;
}

/** Asks an endpoint who it is. Never rejects: whatever sits there, the answer is a value. */
export async function probeEndpoint(endpoint: NeuronEndpoint): Promise<ProbeResult> {
  try {
    const response = await fetch(statusUrl(endpoint), { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
    if (response.status !== 200) return { kind: "fails", reason: `it answered with status ${response.status}` };
    const status = statusSchema.safeParse(JSON.parse(await readText(response)));
    if (!status.success) return { kind: "fails", reason: "what answered is no Vision miner" };
    return { kind: "answers", hotkey: status.data.hotkey, tasks: status.data.tasks };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: "fails", reason: "what answered is no Vision miner" };
    return { kind: "fails", reason: reasonOf(error) };
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
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `nothing answered within ${TIMEOUT_MS / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

import { request } from "node:http";
import { z } from "zod";
import { type CapacityChange, type CapacityView, capacityViewSchema } from "../capacity/capacity-api.js";

/** What came of asking a miner at its control socket. */
export type ControlReply =
  | { readonly kind: "ok"; readonly capacity: CapacityView }
  | { readonly kind: "refused"; readonly problems: readonly string[] }
  /** Nobody answers there, or not in words of the API; `reason` says what to do. */
  | { readonly kind: "away"; readonly reason: string };

const TIMEOUT_MS = 5_000;
const problemsSchema = z.object({ problems: z.array(z.string()) });

/** Asks for the capacity in force, or to change it. Never rejects. */
export async function askControl(socket: string, change: CapacityChange | null): Promise<ControlReply> {
  try {
    const { status, body } = await send(socket, change);
    if (status === 200) return { kind: "ok", capacity: capacityViewSchema.parse(JSON.parse(body)) };
    return { kind: "refused", problems: problemsSchema.parse(JSON.parse(body)).problems };
  } catch (error) {
    return { kind: "away", reason: describeFailure(socket, error) };
  }
}

function send(socketPath: string, change: CapacityChange | null): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const options = { socketPath, path: "/v1/capacity", timeout: TIMEOUT_MS, headers: { "content-type": "application/json" } };
    const sent = request({ ...options, method: change === null ? "GET" : "PATCH" }, async (response) => {
      let body = "";
      try {
        for await (const chunk of response.setEncoding("utf8")) body += chunk;
        resolve({ status: response.statusCode ?? 0, body });
      } catch (error) {
        reject(error);
      }
    });
    sent.once("error", reject);
    sent.once("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    sent.end(change === null ? undefined : JSON.stringify(change));
  });
}

function describeFailure(socket: string, error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "EACCES") return `${socket} belongs to another user; run this as the user that the miner runs as.`;
  if (code === "ENOENT" || code === "ECONNREFUSED") {
    return `No miner listens at ${socket}; start it with the same control.socket (a reload does not open it).`;
  }
  return `The miner at ${socket} cannot be asked: ${error instanceof Error ? error.message : String(error)}.`;
}

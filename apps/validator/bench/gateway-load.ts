import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { type Ask, PACE_MS, toRequest } from "./gateway-asked.js";
import type { Place } from "./gateway-servers.js";

/** What users saw of many requests. Times in milliseconds, one entry a request in each list. */
export type Served = {
  /** Until the answer was whole. */
  readonly wholeMs: readonly number[];
  /** Until the first byte of the body. */
  readonly firstByteMs: readonly number[];
  readonly perSecond: number;
};

/** So many clients, each asking again as soon as it has its answer. Throws at the first answer that is not whole and right. */
export async function askMany(
  place: Place,
  ask: Ask,
  { connections, requests }: { connections: number; requests: number },
): Promise<Served> {
  const pool = new Pool(place.url, { connections });
  const [wholeMs, firstByteMs]: [number[], number[]] = [[], []];
  let asked = 0;
  const client = async () => {
    while (asked < requests) {
      asked += 1;
      const startedAtMs = performance.now();
      let firstAtMs = 0;
      await readAnswer(pool, place, toRequest(ask, asked), ask.isStream, () => {
        if (firstAtMs === 0) firstAtMs = performance.now();
      });
      wholeMs.push(performance.now() - startedAtMs);
      firstByteMs.push(firstAtMs - startedAtMs);
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: connections }, client));
  const perSecond = requests / ((performance.now() - startedAtMs) / 1_000);
  await pool.close();
  return { wholeMs, firstByteMs, perSecond };
}

/** So many paced streams at once, begun one after the other within one pace; returns all gaps between their events, milliseconds. */
export async function holdStreams(place: Place, streams: number, tokens: number): Promise<readonly number[]> {
  const pool = new Pool(place.url, { connections: streams });
  const gapsMs: number[] = [];
  const hold = async (_: unknown, at: number) => {
    await sleep((at * PACE_MS) / streams);
    let lastAtMs: number | null = null;
    await readAnswer(pool, place, toRequest({ tokens, isStream: true, isPaced: true }, at), true, (events) => {
      const nowMs = performance.now();
      // Of events that come together the later ones waited for nothing.
      for (let event = 0; event < events; event += 1) {
        if (lastAtMs !== null) gapsMs.push(nowMs - lastAtMs);
        lastAtMs = nowMs;
      }
    });
  };
  await Promise.all(Array.from({ length: streams }, hold));
  await pool.close();
  return gapsMs;
}

async function readAnswer(
  pool: Pool,
  { path, headers }: Place,
  body: string,
  isStream: boolean,
  onPiece: (events: number) => void,
): Promise<void> {
  const sent = { path, method: "POST" as const, headers: { "content-type": "application/json", ...headers }, body };
  const answer = await pool.request(sent);
  const pieces: string[] = [];
  for await (const piece of answer.body) {
    const text = (piece as Buffer).toString("latin1");
    pieces.push(text);
    onPiece(text.split("data: {").length - 1);
  }
  const text = pieces.join("");
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}: ${text.slice(0, 300)}`);
  if (isStream && !text.endsWith("data: [DONE]\n\n")) throw new Error(`a stream without an end: ${text.slice(-200)}`);
}

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { AnswerEvidence } from "@vision/scoring";
import { z } from "zod";

/** Ways of drawing that a miner may name. */
export const samplers = ["gumbel-murmur3", "unknown"] as const;

/** One checked answer. */
export type AnswerRecord = {
  readonly pair: string;
  readonly player: string;
  readonly isHonest: boolean;
  /** How the miner said that it draws. */
  readonly sampler: (typeof samplers)[number];
  /** Number of the request; every player of a pair answers the same ones. */
  readonly index: number;
  readonly tokens: number;
  /** 0 to 1; null where the check told nothing. */
  readonly quality: number | null;
  readonly fault: string | null;
  readonly evidence: AnswerEvidence | null;
  readonly generateMs: number;
  readonly checkMs: number;
};

const counts = z.array(z.number());
const recordSchema: z.ZodType<AnswerRecord> = z.object({
  pair: z.string(),
  player: z.string(),
  isHonest: z.boolean(),
  sampler: z.enum(samplers),
  index: z.int(),
  tokens: z.int(),
  quality: z.number().nullable(),
  fault: z.string().nullable(),
  evidence: z
    .object({
      isGreedy: z.boolean(),
      margins: counts.nullable(),
      claims: counts,
      surprise: z.object({ excessNats: z.number(), variance: z.number() }).nullable(),
    })
    .nullable(),
  generateMs: z.number(),
  checkMs: z.number(),
});

const keyOf = ({ pair, player, sampler, index }: Pick<AnswerRecord, "pair" | "player" | "sampler" | "index">) =>
  `${pair} ${player} ${sampler} ${index}`;

/** Answers in a file of JSON lines, which a run that was broken off goes on with. */
export function openRecords(path: string) {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  // The last line of a run that was killed may be half a one.
  const read = lines.flatMap((line, index) => {
    try {
      return [recordSchema.parse(JSON.parse(line))];
    } catch (error) {
      if (index === lines.length - 1) return [];
      throw new Error(`${path}, line ${index + 1}, is no answer of this program. Delete the file to begin anew.`, { cause: error });
    }
  });
  mkdirSync(dirname(path), { recursive: true });
  if (read.length < lines.length) writeFileSync(path, read.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const known = new Set(read.map(keyOf));
  return {
    all: (): readonly AnswerRecord[] => read,
    has: (record: Parameters<typeof keyOf>[0]): boolean => known.has(keyOf(record)),
    add(record: AnswerRecord): void {
      appendFileSync(path, `${JSON.stringify(record)}\n`);
      read.push(record);
      known.add(keyOf(record));
    },
  };
}

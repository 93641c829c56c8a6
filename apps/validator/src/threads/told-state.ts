import {
  type ChainReport,
  chainReportSchema,
  createRegistry,
  type LiveReport,
  liveReportSchema,
  samplerSchema,
  taskSchema,
} from "@vision/protocol";
import { z } from "zod";
import type { LedgerBudget } from "../domain/declared-budget.js";
import type { RoutingRecord } from "../domain/routing-record.js";
import type { Candidate, ExpectedAnswers } from "../ports/index.js";
import type { RoutingSnapshot } from "./following-routing.js";

/** Raised when what is told changes, so that a gateway of another release says so and serves nobody by it. */
const FORMAT = 1;

/** What gateways in processes of their own need to know to route, ask and hand over. */
export type ToldRouting = RoutingSnapshot & {
  /** ss58 address of the validator that tells it. */
  readonly validator: string;
  readonly budgets: readonly LedgerBudget[];
  /** Tasks whose answers can be checked. */
  readonly checkable: ReadonlySet<string>;
  readonly expected: (hotkey: string, taskId: string) => ExpectedAnswers | null;
};

/** A part as it was read; `format` is null where it is no such JSON at all. */
export type ReadRouting =
  | { readonly kind: "read"; readonly value: ToldRouting }
  | { readonly kind: "other"; readonly format: number | null };

const numberOrNull = z.number().nullable();
const recordSchema: z.ZodType<RoutingRecord> = z.object({
  quality: numberOrNull,
  okFraction: numberOrNull,
  firstToken: z.object({ meanMs: z.number(), peakMs: z.number(), peakAtMs: z.number() }).nullable(),
  sparedUntilMs: z.number(),
  failuresInRow: z.number(),
  brokenUntilMs: z.number(),
});
const budgetSchema: z.ZodType<LedgerBudget> = z.object({
  hotkey: z.string(),
  taskId: z.string(),
  units: z.number(),
  pace: z.object({ unitsPerHour: z.number(), burstUnits: z.number() }).exactOptional(),
  usedUnits: z.number().exactOptional(),
});
const candidateSchema = z.object({
  target: z.object({ hotkey: z.string(), host: z.string(), port: z.int() }),
  taskId: z.string(),
  capacityPerHour: z.number(),
  sampler: samplerSchema,
  record: recordSchema,
  expected: z.object({ answers: z.number(), isBigDraw: z.boolean() }),
});
const routingSchema = z.object({
  format: z.literal(FORMAT),
  validator: z.string(),
  tasks: z.array(taskSchema),
  checkable: z.array(z.string()),
  period: z.int().nullable(),
  budgets: z.array(budgetSchema),
  candidates: z.array(candidateSchema),
  firstTokenBudgetMs: z.record(z.string(), numberOrNull),
});

const keyOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;

/** As it is told. */
export function writeRouting(
  told: Omit<ToldRouting, "expected"> & { readonly expected: (hotkey: string, taskId: string) => ExpectedAnswers },
): string {
  const { validator, registry, checkable, period, budgets, candidates, firstTokenBudgetMs } = told;
  const document: z.input<typeof routingSchema> = {
    format: FORMAT,
    ...{ validator, period },
    tasks: [...registry.values()],
    checkable: [...checkable],
    budgets: budgets.map((budget) => ({ ...budget, units: Number.isFinite(budget.units) ? budget.units : 0 })),
    candidates: [...candidates.values()]
      .flat()
      .map((candidate) => ({ ...candidate, expected: told.expected(candidate.target.hotkey, candidate.taskId) })),
    firstTokenBudgetMs: Object.fromEntries(firstTokenBudgetMs),
  };
  return JSON.stringify(document);
}

/** What {@link writeRouting} wrote, in this release or another. */
export function readRouting(text: string): ReadRouting {
  const json = parseJson(text);
  const parsed = routingSchema.safeParse(json);
  if (!parsed.success) return { kind: "other", format: z.object({ format: z.number() }).safeParse(json).data?.format ?? null };
  const { validator, tasks, checkable, period, budgets, candidates, firstTokenBudgetMs } = parsed.data;
  const byTask = new Map<string, Candidate[]>();
  const expected = new Map<string, ExpectedAnswers>();
  for (const { expected: planned, ...candidate } of candidates) {
    expected.set(keyOf(candidate.target.hotkey, candidate.taskId), planned);
    const own = byTask.get(candidate.taskId);
    if (own === undefined) byTask.set(candidate.taskId, [candidate]);
    else own.push(candidate);
  }
  return {
    kind: "read",
    value: {
      ...{ validator, period, budgets, candidates: byTask },
      registry: createRegistry(tasks),
      checkable: new Set(checkable),
      firstTokenBudgetMs: new Map(Object.entries(firstTokenBudgetMs)),
      expected: (hotkey, taskId) => expected.get(keyOf(hotkey, taskId)) ?? null,
    },
  };
}

/** A live report that was told; null where it cannot be read. */
export function readLive(text: string): LiveReport | null {
  return liveReportSchema.safeParse(parseJson(text)).data ?? null;
}

/** A report of the subnet that was told; null where there is none, or it cannot be read. */
export function readChain(text: string): ChainReport | null {
  return chainReportSchema.nullable().safeParse(parseJson(text)).data ?? null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

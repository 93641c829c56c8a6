import { checkTextRequest, type WritingRequest, type WrittenText, writeByModel } from "@vision/checking";
import { type Answer, VisionError } from "@vision/protocol";
import type { Verdict } from "@vision/scoring";
import type { ReferenceSettings } from "../config/index.js";
import type { Clock, Logger, Reference, ReferenceModel, ValidatorMetrics } from "../ports/index.js";
import { createSteadyState } from "../services/steady-state.js";

/** An answer and what it answers. */
export type CheckInput = Parameters<Reference["check"]>[0];
export type Question = Omit<CheckInput, "signal">;

/** One that failed is left alone for so long where another one can take its place. */
const REST_MS = 30_000;
/** One that comes and goes is told at most twice in this time. */
const STEADY_MS = 60_000;
/** A shorter answer may be right by another model, too. */
const TELLING_TOKENS = 8;

/** A file's engine computes one answer at a time and is read the next ones meanwhile; a server puts several into one batch. */
const usualConcurrency: Readonly<Record<ReferenceSettings["kind"], number>> = { gguf: 4, vllm: 16 };

/** A model that writes checks nothing meanwhile, where it does one thing at a time: it writes for so long at most. */
const WRITING_MS = 15_000;
/** What it writes at first, when its pace is not known; one that cannot write as many as the least in its time writes nothing. */
const [FIRST_TOKENS, LEAST_TOKENS] = [48, 16];
const CHARACTERS_PER_TOKEN = 4;

/** From this quality on an answer counts as found right. */
const GOOD = 0.9;

/** Qualities that are further apart than this disagree: a token at the edge, by another engine's rounding, is no disagreement. */
export const MOST_DIFFERENCE = 0.4;

export type Judged = Extract<Verdict, { readonly kind: "judged" }>;
export const isJudged = (verdict: Verdict | null): verdict is Judged => verdict?.kind === "judged";
export const agree = (one: Judged, other: Judged): boolean => Math.abs(one.qualityFraction - other.qualityFraction) <= MOST_DIFFERENCE;
export const isGood = (verdict: Verdict | null): boolean => isJudged(verdict) && verdict.qualityFraction >= GOOD;
export const isTelling = (answer: Answer): boolean => answer.kind === "text" && answer.tokens.length >= TELLING_TOKENS;

/** The metrics of references. */
export type ReferenceMetrics = Pick<
  ValidatorMetrics,
  "referenceRequestsTotal" | "referenceSeconds" | "referenceUp" | "referenceDisagreementsTotal"
>;

/** What members work with. */
export type MemberDependencies = {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly logger: Logger;
  readonly metrics: ReferenceMetrics;
  /** Called when one has room for a question more, whatever the last one was for. */
  readonly onRoom: () => void;
};

/** One of the references: a model, and what is known of how well it works. */
export type ReferenceMember = {
  readonly model: ReferenceModel;
  /** In messages. */
  name(): string;
  /** In metrics: its place in the settings, and its kind. */
  label(): string;
  settings(): ReferenceSettings;
  hasTask(taskId: string): boolean;
  /** Answers under way as a share of those that it can be asked about at a time. */
  loadFraction(): number;
  hasRoom(): boolean;
  /** Until when it is left alone after a failure, monotonic milliseconds; 0 where it did not fail lately. */
  restsUntilMs(): number;
  /** Whether it was found to judge wrong, and is asked nothing that counts until it judges right again. */
  isOut(): boolean;
  /** When it last found an answer of the task right, monotonic milliseconds; null where it never did. */
  lastGoodMs(taskId: string): number | null;
  /** Judges, unless it is closed. @throws VisionError `REFERENCE_UNAVAILABLE`, and the signal's reason. */
  ask(input: CheckInput): Promise<Verdict>;
  /** Lets it write, as it answers questions. Null where it cannot read the prompt. @throws as `ask` does. */
  write(request: WritingRequest): Promise<WrittenText | null>;
  /** Leaves it alone for a while. */
  rest(error: unknown): void;
  /** Told to people: another one takes its answers. */
  tellFailure(): void;
  tellWorks(): void;
  takeOut(reason: string): void;
  takeBack(): void;
  /** The same model at another place, or for other tasks. */
  use(settings: ReferenceSettings, index: number): void;
  /** No longer named: its model is closed when nothing is under way there. Resolves when it is, and never rejects. */
  leave(): Promise<void>;
  isGone(): boolean;
  /** Closes its model, once. */
  close(): Promise<void>;
};

/** What a reference is called in logs. */
function nameOfReference({ kind, tasks }: ReferenceSettings): string {
  return `${kind} for ${tasks.join(", ")}`;
}

/** A member that works until it is found not to. */
export function createReferenceMember(
  {
    settings: initial,
    index: place,
    model,
  }: { readonly settings: ReferenceSettings; readonly index: number; readonly model: ReferenceModel },
  { clock, logger, metrics, onRoom }: MemberDependencies,
): ReferenceMember {
  let [settings, index] = [initial, place];
  const name = () => nameOfReference(settings);
  const label = () => `references.${index} ${settings.kind}`;
  const concurrency = initial.concurrency ?? usualConcurrency[initial.kind];
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= model.close();
    return closing;
  };
  let isLeaving = false;
  let onIdle: () => void = () => undefined;
  const goodAtMs = new Map<string, number>();
  let underWay = 0;
  /** How long it took to write a token last; null before it wrote. */
  let msPerToken: number | null = null;
  let restsUntilMs = Number.NEGATIVE_INFINITY;
  let outReason: string | null = null;
  let lastError: unknown = null;
  const told = createSteadyState<"works" | "fails" | "lies">({
    ...{ initial: "works", steadyMs: STEADY_MS, clock },
    tell(state) {
      if (state === "works") logger.info("A reference works again", { reference: name(), label: label() });
      if (state === "fails")
        logger.warn("A reference does not work; others take its answers where there are any", {
          reference: name(),
          label: label(),
          error: lastError,
        });
      if (state === "lies") {
        const facts = { reference: name(), label: label(), reason: outReason };
        logger.error("A reference judges wrong; it is asked nothing that counts until it judges right again", facts);
      }
    },
  });

  function rest(error: unknown): void {
    metrics.referenceRequestsTotal.inc({ reference: label(), outcome: "failed" });
    restsUntilMs = clock.monotonicMs() + REST_MS;
    lastError = error;
  }

  function note(input: CheckInput, verdict: Verdict): void {
    if (isGood(verdict) && isTelling(input.answer)) goodAtMs.set(input.task.id, clock.monotonicMs());
  }

  /** Has the model do something. Where it fails it is left alone for a while. */
  async function whileUnderWay<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    if (closing !== null) throw unavailable(name(), new Error("it is closed"));
    underWay += 1;
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const failure = unavailable(name(), error);
      rest(failure);
      throw failure;
    } finally {
      underWay -= 1;
      onRoom();
      if (underWay === 0) onIdle();
    }
  }

  return {
    ...{ name, label, model },
    settings: () => settings,
    hasTask: (taskId) => settings.tasks.includes(taskId),
    loadFraction: () => underWay / concurrency,
    hasRoom: () => underWay < concurrency,
    restsUntilMs: () => (restsUntilMs > clock.monotonicMs() ? restsUntilMs : 0),
    isOut: () => outReason !== null,
    lastGoodMs: (taskId) => goodAtMs.get(taskId) ?? null,
    ask: (input) =>
      whileUnderWay(input.signal, async () => {
        const startedAtMs = clock.monotonicMs();
        const verdict = await checkTextRequest(input, model);
        metrics.referenceSeconds.observe((clock.monotonicMs() - startedAtMs) / 1000, { reference: label() });
        metrics.referenceRequestsTotal.inc({ reference: label(), outcome: verdict.kind });
        restsUntilMs = Number.NEGATIVE_INFINITY;
        if (outReason === null) told.note("works");
        note(input, verdict);
        return verdict;
      }),
    write: (request) =>
      whileUnderWay(request.signal, async () => {
        const mostTokens = msPerToken === null ? FIRST_TOKENS : Math.floor(WRITING_MS / msPerToken);
        if (msPerToken !== null && mostTokens < LEAST_TOKENS) {
          // It may have been busy with something else: some questions later it may try again.
          msPerToken /= 2;
          return null;
        }
        const startedAtMs = clock.monotonicMs();
        const written = await writeByModel({ ...request, maxTokens: Math.min(request.maxTokens, mostTokens) }, model);
        if (written !== null) msPerToken = (clock.monotonicMs() - startedAtMs) / Math.max(1, written.text.length / CHARACTERS_PER_TOKEN);
        return written;
      }),
    rest,
    tellFailure: () => told.note("fails"),
    tellWorks() {
      restsUntilMs = Number.NEGATIVE_INFINITY;
      told.note("works");
    },
    takeOut(reason) {
      outReason = reason;
      goodAtMs.clear();
      told.note("lies");
    },
    takeBack() {
      outReason = null;
      restsUntilMs = Number.NEGATIVE_INFINITY;
      told.note("works");
    },
    use(next, nextIndex) {
      [settings, index] = [next, nextIndex];
    },
    async leave() {
      isLeaving = true;
      if (underWay > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
      await close().catch((error: unknown) => {
        logger.warn("A reference that is no longer named could not be closed", { reference: name(), error });
      });
    },
    isGone: () => isLeaving,
    close,
  };
}

/** The failure of a reference, as whoever asked it is told. */
export function unavailable(name: string, cause: unknown): VisionError {
  if (VisionError.isInstance(cause, "REFERENCE_UNAVAILABLE")) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new VisionError({
    code: "REFERENCE_UNAVAILABLE",
    message: `The reference ${name} does not work at the moment: ${reason}`,
    facts: { reference: name },
    cause,
  });
}

import type { ChainReport, LiveReport } from "@vision/protocol";
import type { Clock, GatewayStore, Logger } from "../ports/index.js";
import type { DependencyGuard } from "../services/dependency-guard.js";
import type { Service } from "../services/supervise.js";
import { readChain, readLive, readRouting, type ToldRouting } from "./told-state.js";

/** What a watch works with. */
export type CoreWatchDependencies = {
  /** ss58 address that the core has to have. */
  readonly validator: string;
  readonly store: Pick<GatewayStore, "hearCore">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Pick<Logger, "error" | "info" | "warn">;
  /** Given what is new. */
  readonly onRouting: (told: ToldRouting) => void;
};

/** What the core says, read from the store. */
export type CoreWatch = Service & {
  live(): LiveReport;
  chain(): ChainReport | null;
  /** How long ago the core told anything, milliseconds; Infinity before it was first heard. */
  ageMs(): number;
  /** Whether what it told is good enough to serve users by. */
  isFresh(): boolean;
  /** Looks once. */
  look(): Promise<void>;
};

const LOOK_EVERY_MS = 1_000;
/**
 * Who is heard of no more than this is gone on with: longer than a restart of the validator takes, or of the database. Then periods, miners
 * and prices of before say little.
 */
const CORE_LIVES_MS = 180_000;
/** A core that says nothing for so long is away: it tells every second. */
const SILENT_MS = 15_000;

/** Reads every second what the core has told. While the store is away what was heard last goes on being used, and grows old. */
export function createCoreWatch(dependencies: CoreWatchDependencies): CoreWatch {
  const { validator, store, guard, clock, logger, onRouting } = dependencies;
  let knownVersion = 0;
  let liveReport: LiveReport | null = null;
  let chainReport: ChainReport | null = null;
  let isRoutingKnown = false;
  let toldAtMonotonicMs: number | null = null;
  let problem = "";

  const ageMs = () => (toldAtMonotonicMs === null ? Number.POSITIVE_INFINITY : clock.monotonicMs() - toldAtMonotonicMs);

  /** Said once, until it is another one. */
  function refuse(message: string, facts: Readonly<Record<string, unknown>>): void {
    isRoutingKnown = false;
    if (problem !== message) logger.error(message, facts);
    problem = message;
  }

  function take(body: string): void {
    const read = readRouting(body);
    if (read.kind === "other") {
      const message = "The validator tells what this release cannot read; run the same release of both";
      refuse(message, { format: read.format });
      return;
    }
    if (read.value.validator !== validator) {
      const message = "The database is another validator's; give this gateway the validator's hotkey and its database";
      refuse(message, { validator: read.value.validator, own: validator });
      return;
    }
    problem = "";
    isRoutingKnown = true;
    onRouting(read.value);
  }

  async function look(): Promise<void> {
    const heard = await guard.attempt("store", () => store.hearCore(knownVersion));
    if (heard.ageMs !== null) toldAtMonotonicMs = clock.monotonicMs() - heard.ageMs;
    for (const [part, { version, body }] of heard.parts) {
      knownVersion = Math.max(knownVersion, version);
      if (part === "routing") take(body);
      if (part === "live") liveReport = readLive(body) ?? liveReport;
      if (part === "chain") chainReport = readChain(body);
    }
    noteAge();
  }

  function noteAge(): void {
    if (ageMs() <= SILENT_MS) guard.markUp("core");
    else guard.markDown("core", new Error(toldAtMonotonicMs === null ? "nothing was told yet" : "nothing is told any more"));
  }

  return {
    name: "core watch",
    ageMs,
    look,
    isFresh: () => isRoutingKnown && liveReport !== null && ageMs() <= CORE_LIVES_MS,
    live() {
      if (liveReport === null) throw new TypeError("the core was not heard yet");
      return liveReport;
    },
    chain: () => chainReport,
    async run(signal) {
      while (!signal.aborted) {
        await look().catch((error: unknown) => {
          noteAge();
          if (guard.isUp("store")) throw error;
        });
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}

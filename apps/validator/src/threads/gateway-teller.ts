import { enabledTasks } from "@vision/protocol";
import type { LedgerBudget } from "../domain/declared-budget.js";
import type { CapacityLedger, CheckPlan, Clock, GatewayStore, LiveView, RoutingView } from "../ports/index.js";
import type { DependencyGuard } from "../services/dependency-guard.js";
import type { Service } from "../services/supervise.js";
import { snapshotOf } from "./following-routing.js";
import { writeRouting } from "./told-state.js";

/** What telling works with. */
export type GatewayTellerDependencies = {
  readonly validator: string;
  readonly routing: RoutingView;
  readonly liveView: LiveView;
  readonly checkPlan: CheckPlan;
  readonly budgets: () => readonly LedgerBudget[];
  /** Calls the listener when a period is under way. Returns a function that stops it. */
  readonly onPeriodStarted: (listener: () => void) => () => void;
  readonly store: Pick<GatewayStore, "tellGateways">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
};

/** As the gateway's thread is told. */
const TELL_EVERY_MS = 1_000;

/** Tells gateways in processes of their own, through the store, what the gateway's thread is told by messages. */
export function createGatewayTeller(dependencies: GatewayTellerDependencies): Service {
  const { validator, routing, liveView, checkPlan, budgets, store, guard, clock } = dependencies;

  function parts(): Readonly<Record<string, string>> {
    const snapshot = snapshotOf(routing);
    const checkable = enabledTasks(snapshot.registry).filter((task) => checkPlan.canCheck(task));
    const told = writeRouting({
      ...{ ...snapshot, validator, budgets: budgets() },
      checkable: new Set(checkable.map(({ id }) => id)),
      expected: checkPlan.expected,
    });
    return { routing: told, live: JSON.stringify(liveView.live()), chain: JSON.stringify(liveView.chain()) };
  }

  return {
    name: "gateway teller",
    async run(signal) {
      let wake: () => void = () => undefined;
      const stop = dependencies.onPeriodStarted(() => wake());
      try {
        while (!signal.aborted) {
          await guard.untilUp("store", () => store.tellGateways(parts()), signal);
          const awake = new AbortController();
          wake = () => awake.abort();
          await clock.sleep(TELL_EVERY_MS, AbortSignal.any([signal, awake.signal])).catch(() => undefined);
        }
      } finally {
        stop();
      }
    },
  };
}

/** A ledger that remembers the budgets of the running period. */
export function rememberBudgets<Ledger extends Pick<CapacityLedger, "startPeriod">>(
  ledger: Ledger,
): { readonly ledger: Ledger; budgets(): readonly LedgerBudget[] } {
  let last: readonly LedgerBudget[] = [];
  const remembering = {
    ...ledger,
    startPeriod(budgets: readonly LedgerBudget[], period?: number) {
      last = budgets;
      ledger.startPeriod(budgets, period);
    },
  };
  return { ledger: remembering, budgets: () => last };
}

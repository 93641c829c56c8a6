import type { CapacityBook } from "./capacity.js";
import type { InferenceRequest } from "./parse-inference-request.js";
import { machineOf, type ServedTask } from "./settings.js";
import { createSlotPool, type SlotPool } from "./slot-pool.js";
import type { ValidatorDirectory } from "./validator-directory.js";
import type { KnownValidator } from "./validator-registry.js";

/** Leave to run one request. Must be released, once; more calls do nothing. */
export type Lease = {
  /** @param usedUnits - Work units to charge the validator with; `null` for all that was reserved. */
  release(usedUnits: number | null): void;
};

/** A lease on a slot and on work units, or why there is none and when it is worth another try. */
export type AdmissionDecision =
  | { readonly ok: true; readonly lease: Lease }
  | { readonly ok: false; readonly reason: string; readonly retryAfterMs: number };

/** Decides whether a request may run now. */
export type Admission = {
  admit(validator: KnownValidator, request: InferenceRequest, nowMs: number): AdmissionDecision;
  getInFlight(): Readonly<Record<string, number>>;
  /** Goes by the slots that the served tasks have now. What runs goes on. */
  resize(): void;
};

/** What requests are admitted by. */
export type AdmissionOptions = {
  readonly servedTasks: ReadonlyMap<string, ServedTask>;
  readonly capacity: CapacityBook;
  readonly validators: ValidatorDirectory;
};

const ACTIVE_WINDOW_MS = 10_000; // how long a validator's share of the slots is kept free for it
const BUSY_RETRY_MS = 1_000;

/** Admission by slots of the task or of the machine that it shares, then by the validator's budget. What one step took is given back when the next one refuses. */
export function createAdmission({ servedTasks, capacity, validators }: AdmissionOptions): Admission {
  const mayMoreCome = (activeCount: number) => (validators.allowedCount?.() ?? 0) > activeCount;
  const machines = new Map<string, SlotPool>();
  const inFlight = new Map([...servedTasks.keys()].map((id) => [id, 0]));
  const slotsOf = (task: ServedTask): SlotPool => {
    const machine = machineOf(task);
    const known = machines.get(machine);
    if (known !== undefined) return known;
    const created = createSlotPool({ slots: task.concurrency, activeWindowMs: ACTIVE_WINDOW_MS, mayMoreCome });
    machines.set(machine, created);
    return created;
  };
  const count = (taskId: string, change: number) => inFlight.set(taskId, (inFlight.get(taskId) ?? 0) + change);
  return {
    admit(validator, { task, served, maxWorkUnits }, nowMs) {
      const releaseSlot = slotsOf(served).tryAcquire(validator.address, nowMs);
      if (releaseSlot === null)
        return { ok: false, reason: "All slots of this task that are yours are in use.", retryAfterMs: BUSY_RETRY_MS };
      const decision = capacity.budgetOf(validator, task, served, nowMs).reserve(maxWorkUnits, nowMs);
      if (!decision.ok) {
        releaseSlot();
        return { ok: false, reason: "The capacity that was declared to you is used up.", retryAfterMs: decision.retryAfterMs };
      }
      count(task.id, 1);
      let isHeld = true;
      return {
        ok: true,
        lease: {
          release(usedUnits) {
            if (isHeld) count(task.id, -1);
            isHeld = false;
            releaseSlot();
            decision.reservation.settle(usedUnits ?? maxWorkUnits);
          },
        },
      };
    },
    getInFlight: () => Object.fromEntries(inFlight),
    resize() {
      for (const task of servedTasks.values()) slotsOf(task).resize(task.concurrency);
    },
  };
}

import type { DrawnRequest, SyntheticSource } from "@vision/checking";
import { getFamily, type RequestBody, type Task } from "@vision/protocol";
import type { Random } from "@vision/scoring/probing";
import type { CapacityLedger, Logger } from "../ports/index.js";

/** A request that is valid, whether it begins a conversation, and what follows it. */
export type Drawn = Pick<DrawnRequest, "nextDueMs" | "onAnswered"> & { readonly request: RequestBody; readonly isFirst: boolean };

/** What a request is drawn for. */
export type DrawnFor = {
  readonly hotkey: string;
  readonly taskId: string;
  readonly task: Task;
  readonly timing: Random;
  readonly source: SyntheticSource;
};

/** Draws requests that fit what a miner has free, of what it declares for a period, work units. */
export type RequestDrawer = {
  /** A turn that is due, or else the beginning of a conversation; null where the miner has no room for one. */
  draw(probe: DrawnFor, periodUnits: number): Drawn | null;
  /** A turn that is due; null where none is that the miner has room for. */
  drawTurn(probe: DrawnFor, periodUnits: number): Drawn | null;
};

// Below this share of a typical request what is left of a capacity is not worth a request: it would not look like a user's.
const SMALLEST_REQUEST_SHARE = 0.25;
/** Of the beginnings, that go to two miners, as users' requests do that are tried again or hedged. */
const TWICE_FRACTION = 0.03;

/** Remembers the newest request of each task, which may go to another miner too. */
export function createRequestDrawer(dependencies: {
  readonly ledger: Pick<CapacityLedger, "free">;
  readonly logger: Pick<Logger, "error">;
}): RequestDrawer {
  const { ledger, logger } = dependencies;
  const newest = new Map<string, { readonly hotkey: string; readonly request: RequestBody; readonly maxUnits: number }>();

  /** Work units that a request may ask for; null where they are too few for one. */
  function roomOf({ hotkey, taskId, task }: DrawnFor, periodUnits: number): number | null {
    const maxUnits = ledger.free(hotkey, taskId);
    const smallest = Math.max(1, Math.min(task.typicalUnitsPerRequest * SMALLEST_REQUEST_SHARE, periodUnits));
    return maxUnits < smallest ? null : maxUnits;
  }

  function toDrawn({ hotkey, taskId, task }: DrawnFor, drawn: DrawnRequest, isFirst: boolean): Drawn | null {
    const { request, holdsAnswers, ...following } = drawn;
    const family = getFamily(task.family);
    const parsed = family.requestSchema.safeParse(request);
    if (!parsed.success) {
      logger.error("A synthetic request does not fit its family's schema", { task: task.id, problem: parsed.error.message });
      return null;
    }
    if (!holdsAnswers) newest.set(taskId, { hotkey, request: parsed.data, maxUnits: family.maxWorkUnits(parsed.data) });
    return { request: parsed.data, isFirst, ...following };
  }

  /** A user's request that one miner failed at goes to the next one as it is. */
  function takeOther({ hotkey, taskId, timing }: DrawnFor, maxUnits: number): Drawn | null {
    const other = newest.get(taskId);
    if (other === undefined || other.hotkey === hotkey || other.maxUnits > maxUnits || timing.next() >= TWICE_FRACTION) return null;
    newest.delete(taskId);
    return { request: other.request, isFirst: true, nextDueMs: null, onAnswered: null };
  }

  function takeDue(probe: DrawnFor, maxUnits: number): Drawn | null {
    const due = probe.source.drawDue(maxUnits);
    return due === null ? null : toDrawn(probe, due, false);
  }

  return {
    draw(probe, periodUnits) {
      const maxUnits = roomOf(probe, periodUnits);
      if (maxUnits === null) return null;
      return takeDue(probe, maxUnits) ?? takeOther(probe, maxUnits) ?? toDrawn(probe, probe.source.drawFirst(maxUnits), true);
    },
    drawTurn(probe, periodUnits) {
      const maxUnits = roomOf(probe, periodUnits);
      return maxUnits === null ? null : takeDue(probe, maxUnits);
    },
  };
}

import type { Answer, RequestBody, TaskFamily } from "@vision/protocol";
import type { BackendPart } from "../backends/inference-backend.js";

/** Counts the work units of an answer as it goes by. */
export type UnitCounter = {
  add(part: BackendPart): void;
  /** Work units of what has gone by of an answer that comes piece by piece; `null` where that cannot be told. */
  soFar(): number | null;
  /** The finished answer; `null` when the parts make none that the client could read. */
  answer(): Answer | null;
  /** Work units of the finished answer; `null` when the parts make no countable answer. */
  count(): number | null;
};

/** A counter by the family's own rules. Parts that cannot be read make the answer uncountable, never an error. */
export function createUnitCounter(family: TaskFamily, request: RequestBody): UnitCounter {
  const collector = family.createCollector(request);
  let isCountable = true;
  const answer = () => {
    const result = isCountable ? collector.finish() : null;
    return result?.ok === true ? result.answer : null;
  };
  return {
    add(part) {
      if (!isCountable) return;
      try {
        const added = part.kind === "event" ? collector.addEvent(JSON.parse(part.data)) : collector.addBody(JSON.parse(part.body));
        isCountable = added.ok;
      } catch {
        isCountable = false;
      }
    },
    soFar() {
      return isCountable ? collector.unitsSoFar() : null;
    },
    answer,
    count() {
      const finished = answer();
      return finished === null ? null : family.workUnits(request, finished);
    },
  };
}

import { spanFacts, type Tracer } from "@vision/program";
import { getFamily, type MinerTrace, type MinerTraceStart } from "@vision/sdk";

/**
 * Makes spans of a miner's requests: one from the head of a request to the end of its answer, and under it one of the backend. They are
 * roots of the operator's own; validators tell nothing of theirs and learn nothing of these.
 */
export function traceRequests(tracer: Tracer): (start: MinerTraceStart) => MinerTrace {
  return ({ validator, task, requestName, isStream, receivedAtMs }) => {
    const { operation, path } = getFamily(task.family);
    const ofModel = {
      [spanFacts.operation]: operation,
      [spanFacts.provider]: "vision",
      [spanFacts.requestModel]: task.model,
      [spanFacts.isStream]: isStream,
      "vision.task": task.id,
      ...(requestName === null ? {} : { "vision.request_name": requestName }),
    };
    const request = tracer.start(`POST ${path}`, {
      kind: "server",
      startedAtMs: receivedAtMs,
      facts: { [spanFacts.httpMethod]: "POST", [spanFacts.httpRoute]: path, ...ofModel, "vision.validator": validator },
    });
    let backend: ReturnType<typeof request.startChild> | null = null;
    return {
      startBackend(name) {
        backend = request.startChild(`${operation} ${task.model}`, { kind: "client", facts: { ...ofModel, "vision.backend": name } });
        return backend.traceparent();
      },
      noteFirstPart: () => backend?.mark("first part"),
      end({ outcome, workUnits }) {
        for (const span of [backend, request]) {
          span?.note({ "vision.outcome": outcome, "vision.units": workUnits });
          if (outcome === "failed" || outcome === "timedOut") span?.fail(outcome);
          span?.end();
        }
      },
    };
  };
}

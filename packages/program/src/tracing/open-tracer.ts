import type { ProgramLogger } from "../create-logger.js";
import type { TracedProgram, Tracer } from "./tracer.js";
import type { TraceSettings } from "./traces-section.js";

/** What sends traces; null where no endpoint is set, and then no line of OpenTelemetry's is loaded. */
export async function openTracer(
  settings: TraceSettings,
  program: TracedProgram,
  dependencies: { readonly logger: Pick<ProgramLogger, "warn" | "info"> },
): Promise<Tracer | null> {
  const { endpoint } = settings;
  if (endpoint === undefined) return null;
  const { createTracer } = await import("./create-tracer.js");
  return createTracer({ ...settings, endpoint }, program, dependencies);
}

import { z } from "zod";
import { setting } from "../settings/setting.js";

/** Whether and where traces of requests are sent. */
export const tracesSection = z
  .strictObject({
    endpoint: setting(z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(), {
      description: "OpenTelemetry collector that traces are sent to, OTLP over HTTP; `/v1/traces` is added. Left out, there are none.",
      alsoVariable: "OTEL_EXPORTER_OTLP_ENDPOINT",
    }),
    headers: setting(z.record(z.string().regex(/^[\w-]+$/, "must be a header's name"), z.string()).default({}), {
      description: "Headers for the collector, such as its key, beside those of `OTEL_EXPORTER_OTLP_HEADERS`.",
      isSecret: true,
    }),
    sampledFraction: setting(z.number().min(0).max(1).default(1), {
      description: "Share of the requests that are traced. A caller's `traceparent` can keep its request out of it, and cannot get it in.",
    }),
  })
  .prefault({});

/** Where traces go, and how many. */
export type TraceSettings = z.output<typeof tracesSection>;

import { type PeriodReport, periodReportSchema } from "@vision/protocol";

/** The validator's public API as localnet reads it. */
export type GatewayClient = {
  /** True once the validator answers. */
  isHealthy(): Promise<boolean>;
  /** The newest finished and scored period; null before the first. */
  latestPeriod(): Promise<PeriodReport | null>;
};

/** Reader of the validator's public reports. Its methods resolve to nothing while the validator is away, they never reject. */
export function createGatewayClient(baseUrl: string): GatewayClient {
  const get = async (path: string): Promise<unknown> => {
    try {
      const response = await fetch(`${baseUrl}${path}`, { signal: AbortSignal.timeout(5_000) });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  };
  return {
    isHealthy: async () => (await get("/health")) !== null,
    async latestPeriod() {
      const body = await get("/v1/periods/latest");
      return body === null ? null : periodReportSchema.parse(body);
    },
  };
}

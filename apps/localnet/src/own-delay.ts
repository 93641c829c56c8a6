/** What the validator's metrics say: the time for which its threads did not run for reasons of their own, such as a busy machine, in seconds. */
export function ownDelaySeconds(metricsText: string): number {
  const lines = metricsText.matchAll(/^vision_standstill_seconds_total\{([^}]*)\} (\S+)$/gm);
  return [...lines].reduce((sum, [, labels = "", value]) => (labels.includes('cause="own"') ? sum + Number(value) : sum), 0);
}

/** Resolves to that of a running validator; null where it does not tell, or not within five seconds. */
export async function readOwnDelaySeconds(metricsUrl: string): Promise<number | null> {
  try {
    const response = await fetch(metricsUrl, { signal: AbortSignal.timeout(5_000) });
    return response.ok ? ownDelaySeconds(await response.text()) : null;
  } catch {
    return null;
  }
}

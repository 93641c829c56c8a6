const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** Work units and other amounts, short: 36K, 4.1K, 12. */
export function formatUnits(value: number): string {
  return Math.abs(value) >= 1_000 ? compact.format(value) : plain.format(value);
}

/** A share as a percentage: 30.5 %. */
export function formatPercent(fraction: number, digits = 1): string {
  return `${(fraction * 100).toFixed(digits)} %`;
}

/** A factor with two decimals. */
export function formatFactor(value: number): string {
  return value.toFixed(2);
}

/** A whole number with separators. */
export function formatCount(value: number): string {
  return plain.format(value);
}

/** A duration in the one or two largest units: 1 h 5 min, 42 s. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long an answer took: 320 ms, 4.1 s. */
export function formatLatency(latencyMs: number): string {
  return latencyMs < 1_000 ? `${plain.format(latencyMs)} ms` : `${plain.format(latencyMs / 1_000)} s`;
}

/** Time of the day, to the second, in the visitor's zone. */
export function formatTime(atMs: number): string {
  return new Date(atMs).toLocaleTimeString("en-GB");
}

/** RAO as whole coins with three decimals. */
export function formatRao(rao: string): string {
  const thousandths = BigInt(rao) / 1_000_000n;
  return `${formatCount(Number(thousandths / 1_000n))}.${String(thousandths % 1_000n).padStart(3, "0")}`;
}

/** The two ends of an address. */
export function shortHotkey(hotkey: string): string {
  return hotkey.length > 14 ? `${hotkey.slice(0, 6)}…${hotkey.slice(-4)}` : hotkey;
}

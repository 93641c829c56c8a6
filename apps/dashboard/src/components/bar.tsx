/** A share as a bar; the number stands beside it, so readers are told nothing twice. */
export function Bar({
  fraction,
  tone = "accent",
}: {
  readonly fraction: number;
  readonly tone?: "accent" | "ok" | "warn" | "bad" | "quiet";
}) {
  return (
    <span className="bar" aria-hidden="true">
      <span className={`fill ${tone}`} style={{ width: `${Math.min(100, Math.max(0, fraction * 100))}%` }} />
    </span>
  );
}

/** What became of requests, as one bar of three parts; the numbers stand beside it. */
export function OutcomeBar({
  okCount,
  rateLimitedCount,
  failedCount,
}: {
  readonly okCount: number;
  readonly rateLimitedCount: number;
  readonly failedCount: number;
}) {
  const total = Math.max(1, okCount + rateLimitedCount + failedCount);
  return (
    <span className="bar" aria-hidden="true">
      <span className="fill ok" style={{ width: `${(100 * okCount) / total}%` }} />
      <span className="fill warn" style={{ width: `${(100 * rateLimitedCount) / total}%` }} />
      <span className="fill bad" style={{ width: `${(100 * failedCount) / total}%` }} />
    </span>
  );
}

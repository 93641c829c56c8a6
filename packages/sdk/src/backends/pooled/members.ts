import type { BackendHealth, InferenceBackend } from "../inference-backend.js";

/** How requests to one of several backends ended: answered, or passed on to the next because it was busy, failed, or gave nothing in time. */
export type MemberOutcome = "answered" | "busy" | "failed" | "slow" | "cancelled";

/** One of several backends, as it stands. */
export type PooledMember = {
  readonly name: string;
  /** False while its health checks fail, and for a while after it was busy, failed or hung. */
  readonly isUp: boolean;
  readonly inFlight: number;
  /** Requests so far, by how they ended. */
  readonly requests: Readonly<Record<MemberOutcome, number>>;
};

/** What the pool keeps of one of its backends. */
export type Member = {
  readonly name: string;
  readonly backend: InferenceBackend;
  readonly weight: number;
  health: BackendHealth;
  restsUntilMs: number;
  inFlight: number;
  started: number;
  readonly requests: Record<MemberOutcome, number>;
};

/** A backend of which nothing is known yet. */
export function createMember(name: string, backend: InferenceBackend, weight: number): Member {
  const requests = { answered: 0, busy: 0, failed: 0, slow: 0, cancelled: 0 };
  const health = { isHealthy: true };
  return { name, backend, weight, health, restsUntilMs: Number.NEGATIVE_INFINITY, inFlight: 0, started: 0, requests };
}

/** Whether requests have a chance at the member. */
export function isUp({ health, restsUntilMs }: Member, nowMs: number): boolean {
  return health.isHealthy && restsUntilMs <= nowMs;
}

/** The member that is up and has the fewest requests under way for its weight; of equals the one that had the fewest so far. Null of none. */
export function chooseMember(members: readonly Member[], nowMs: number): Member | null {
  let best: Member | null = null;
  for (const member of members) if (best === null || comesBefore(member, best, nowMs)) best = member;
  return best;
}

function comesBefore(a: Member, b: Member, nowMs: number): boolean {
  const standing = Number(isUp(b, nowMs)) - Number(isUp(a, nowMs));
  const load = (a.inFlight + 1) / a.weight - (b.inFlight + 1) / b.weight;
  return (standing || load || a.started / a.weight - b.started / b.weight) < 0;
}

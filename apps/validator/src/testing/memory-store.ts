import { gzipSync } from "node:zlib";
import type { PeriodReport, RequestVerdict } from "@vision/protocol";
import { VisionError } from "@vision/protocol";
import { isCounted, type MinerTaskSeries, type PeriodTally } from "@vision/scoring";
import { monthOfDay } from "../domain/calendar.js";
import { toCommitted } from "../domain/judge-reveals.js";
import { addResult, emptyCounts } from "../domain/period-progress.js";
import type {
  ApiKeyRecord,
  ChangedBy,
  CheckRecord,
  CheckTerms,
  EpochRecord,
  KeyChange,
  KeyCharges,
  KeyUsage,
  PendingChecks,
  PeriodCounts,
  PeriodRecord,
  PlannedProbe,
  ResultRecord,
  SampleRecord,
  SettingsChange,
  SharedRequestRecord,
  WeightSetRecord,
} from "../domain/records/index.js";
import { placeDots } from "../domain/request-dots.js";
import { findSettingsChanges, type ShownSettings } from "../domain/settings-changes.js";
import { summarisePeriod } from "../domain/summarise-period.js";
import type { SpooledResult, Store, ToldPart } from "../ports/index.js";
import { KEPT_SCORING_INPUTS } from "../ports/index.js";

/** A {@link Store} in memory, with the hands that a test needs on it. It passes the same contract as the database. */
export type MemoryStore = Store & {
  /** While true every call rejects with `STORE_UNREACHABLE`. */
  setUnreachable(isUnreachable: boolean): void;
  readonly results: ReadonlyMap<string, ResultRecord>;
  readonly samples: ReadonlyMap<string, SampleRecord>;
};

type Row = PlannedProbe & PeriodCounts;
type PeriodRows = { readonly record: PeriodRecord; isOpen: boolean; readonly rows: Map<string, Row> };
type QueuedCheck = { readonly check: CheckRecord; leasedUntilMs: number; attempts: number; readonly order: number };
type BegunWeightSet = WeightSetRecord & { readonly begunAtMs: number };

const keyOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;
const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** An empty store. `nowMs` is its own clock. */
export function createMemoryStore({ nowMs: ownNowMs }: { readonly nowMs: () => number } = { nowMs: () => Date.now() }): MemoryStore {
  const periods = new Map<number, PeriodRows>();
  const results = new Map<string, ResultRecord>();
  const samples = new Map<string, SampleRecord>();
  const checks = new Map<string, QueuedCheck>();
  const turns = new Map<string, number>();
  const epochs = new Map<number, EpochRecord>();
  const scoringInputs = new Map<number, Uint8Array>();
  const periodReports = new Map<number, PeriodReport>();
  const weightSets = new Map<string, BegunWeightSet>();
  const apiKeys = new Map<string, ApiKeyRecord>();
  const keyChanges: KeyChange[] = [];
  const noteKeyChange = (what: KeyChange["what"], key: ApiKeyRecord, { who, nowMs }: ChangedBy, credit: object = {}) => {
    const { requestsPerMinute, tokensPerMinute, concurrentRequests, monthlyUnits } = key;
    const limits = { requestsPerMinute, tokensPerMinute, concurrentRequests, monthlyUnits };
    keyChanges.push({ atMs: nowMs, who, what, keyId: key.id, ...limits, creditUnits: null, reference: null, ...credit });
  };
  const goodKey = (idOrPrefix: string) =>
    [...apiKeys].find(([, key]) => (key.id === idOrPrefix || key.prefix === idOrPrefix) && key.revokedAtMs === null);
  let settingsInForce: ShownSettings | null = null;
  const settingsChanges: SettingsChange[] = [];
  const usage = new Map<string, KeyUsage>();
  const usageWrites = new Map<string, number>();
  const chargesOf = (keyId: string, month: number): KeyCharges => {
    const own = [...usage.values()].filter((use) => use.keyId === keyId);
    const sum = (uses: readonly KeyUsage[]) => uses.reduce((total, { units }) => total + units, 0);
    return { keyId, monthUnits: sum(own.filter(({ day }) => monthOfDay(day) === month)), totalUnits: sum(own) };
  };
  let sharedRequests: readonly SharedRequestRecord[] = [];
  let terms: CheckTerms | null = null;
  const told = new Map<string, ToldPart>();
  let toldAtMs: number | null = null;
  const handedOver = new Map<string, SpooledResult>();
  let isUnreachable = false;
  let order = 0;

  const enter = () => {
    if (isUnreachable) throw new VisionError({ code: "STORE_UNREACHABLE", message: "The database does not answer." });
  };
  const newest = () => [...periods.values()].sort((a, b) => b.record.period - a.record.period)[0];

  function addToPeriod(result: ResultRecord): void {
    const rows = periods.get(result.period)?.rows;
    if (rows === undefined) return;
    const key = keyOf(result.hotkey, result.taskId);
    const unplanned = { declaredCapacityPerHour: 0, triedFraction: 0, plannedUnits: 0, plannedRequests: 0 };
    const row = rows.get(key) ?? { hotkey: result.hotkey, taskId: result.taskId, ...unplanned, ...emptyCounts };
    rows.set(key, { ...row, ...addResult(row, result) });
  }

  function toTally(rows: PeriodRows, row: Row, usualPeriodMs: number | undefined): PeriodTally {
    const { startsAtMs, endsAtMs, period } = rows.record;
    const { organicCount: _, ...counts } = Object.fromEntries(
      Object.keys(emptyCounts).map((name) => [name, row[name as keyof PeriodCounts]]),
    ) as PeriodCounts;
    const checked = [...samples.values()].filter(
      (each) => each.period === period && each.hotkey === row.hotkey && each.taskId === row.taskId,
    );
    const waitingCount = [...checks.values()].filter(
      ({ check }) => check.period === period && check.hotkey === row.hotkey && check.taskId === row.taskId,
    ).length;
    const lengthMs = endsAtMs - startsAtMs;
    const isUsual = usualPeriodMs === undefined || Math.abs(lengthMs - usualPeriodMs) <= usualPeriodMs / 100;
    return {
      period,
      ...(isUsual ? {} : { hours: lengthMs / 3_600_000 }),
      declaredCapacityUnits: (row.declaredCapacityPerHour * lengthMs) / 3_600_000,
      plannedUnits: row.plannedUnits,
      ...counts,
      checkedCount: checked.length,
      passedCount: checked.reduce((sum, { qualityFraction }) => sum + qualityFraction, 0),
      ...(waitingCount === 0 ? {} : { waitingCount }),
    };
  }

  return {
    results,
    samples,
    setUnreachable(next) {
      isUnreachable = next;
    },
    async getOpenPeriod() {
      enter();
      const open = [...periods.values()].find((period) => period.isOpen);
      return open === undefined ? null : { ...open.record, probes: copy([...open.rows.values()]) };
    },
    async getPeriodsToReport(limit) {
      enter();
      const closed = [...periods.values()].filter(({ isOpen }) => !isOpen).sort((a, b) => b.record.period - a.record.period);
      const isDue = ({ record, rows }: PeriodRows, index: number) => {
        const report = periodReports.get(record.period);
        if (report === undefined) return true;
        const reported = report.miners.flatMap(({ tasks }) => tasks).reduce((sum, { requests }) => sum + requests, 0);
        return index < 3 && reported < [...rows.values()].reduce((sum, { requests }) => sum + requests, 0);
      };
      const due = closed.filter(isDue).reverse().slice(0, limit);
      return due.map(({ record, rows }) => ({ ...record, probes: copy([...rows.values()]) }));
    },
    async getNewestPeriod() {
      enter();
      return newest()?.record ?? null;
    },
    async switchPeriod(next, probes) {
      enter();
      for (const period of periods.values()) period.isOpen = false;
      const rows = new Map(probes.map((probe) => [keyOf(probe.hotkey, probe.taskId), { ...probe, ...emptyCounts }]));
      periods.set(next.period, { record: next, isOpen: true, rows });
    },
    async recordResults(added, addedChecks) {
      enter();
      const fresh = new Set<string>();
      for (const result of added) {
        handedOver.delete(result.requestId);
        if (results.has(result.requestId)) continue;
        results.set(result.requestId, result);
        fresh.add(result.requestId);
        if (isCounted(result)) addToPeriod(result);
      }
      for (const check of addedChecks) {
        if (!fresh.has(check.requestId) || checks.has(check.requestId)) continue;
        order += 1;
        checks.set(check.requestId, { check: copy(check), leasedUntilMs: 0, attempts: 0, order });
      }
    },
    async tellGateways(parts) {
      enter();
      toldAtMs = ownNowMs();
      for (const [part, body] of Object.entries(parts)) {
        if (told.get(part)?.body === body) continue;
        told.set(part, { version: 1 + Math.max(0, ...[...told.values()].map(({ version }) => version)), body });
      }
    },
    async hearCore(knownVersion) {
      enter();
      const parts = new Map([...told].filter(([, { version }]) => version > knownVersion));
      return { ageMs: toldAtMs === null ? null : ownNowMs() - toldAtMs, parts };
    },
    async handOver(entries) {
      enter();
      for (const entry of entries) if (!handedOver.has(entry.result.requestId)) handedOver.set(entry.result.requestId, copy(entry));
    },
    async getHandedOver({ limit, except }) {
      enter();
      const waiting = [...handedOver].filter(([requestId]) => !except.includes(requestId));
      return waiting.slice(0, limit).map(([requestId, entry]) => ({ requestId, entry: copy(entry) }));
    },
    async findHandedOver(requestIds) {
      enter();
      return requestIds.filter((requestId) => handedOver.has(requestId));
    },
    async dropHandedOver(requestIds) {
      enter();
      for (const requestId of requestIds) handedOver.delete(requestId);
    },
    async claimChecks({ limit, nowMs = ownNowMs(), leaseMs, onlyTask, exceptTasks = [], onlyTasks }) {
      enter();
      const taken = new Map<string, number>();
      const ranked = [...checks.values()]
        .filter(({ leasedUntilMs, check: { taskId } }) => leasedUntilMs <= nowMs && taskId === (onlyTask ?? taskId))
        .filter(({ check: { taskId } }) => !exceptTasks.includes(taskId) && (onlyTasks?.includes(taskId) ?? true))
        .sort((a, b) => a.order - b.order)
        .map((queued) => {
          const key = keyOf(queued.check.hotkey, queued.check.taskId);
          const place = taken.get(key) ?? 0;
          taken.set(key, place + 1);
          const attempts = onlyTask === undefined ? 0 : queued.attempts;
          return { queued, attempts, place, key, turn: turns.get(key) ?? 0 };
        })
        .sort((a, b) => a.attempts - b.attempts || a.place - b.place || a.turn - b.turn || a.queued.order - b.queued.order);
      return ranked.slice(0, limit).map(({ queued, key }) => {
        order += 1;
        turns.set(key, order);
        queued.leasedUntilMs = nowMs + leaseMs;
        queued.attempts += 1;
        return { ...queued.check, attempts: queued.attempts };
      });
    },
    async recordSample(sample) {
      enter();
      checks.delete(sample.requestId);
      if (!samples.has(sample.requestId)) samples.set(sample.requestId, sample);
    },
    async getReceipt(requestId) {
      enter();
      const sample = samples.get(requestId);
      return sample === undefined || sample.receipt === null ? null : { hotkey: sample.hotkey, receipt: sample.receipt };
    },
    async getVerdicts({ hotkey, sinceMs, after, limit }) {
      enter();
      const startOf = ({ requestId, period }: SampleRecord) =>
        results.get(requestId)?.startedAtMs ?? periods.get(period)?.record.startsAtMs ?? 0;
      const rows = [...samples.values()]
        .map((sample, sequence) => ({ sample, sequence }))
        .filter(({ sample }) => sample.hotkey === hotkey && periodReports.has(sample.period) && startOf(sample) >= sinceMs)
        .sort((a, b) => a.sample.period - b.sample.period || a.sequence - b.sequence)
        .filter(
          ({ sample: { period }, sequence }) =>
            after === null || period > after.period || (period === after.period && sequence > after.sequence),
        )
        .slice(0, limit);
      const last = rows.at(-1);
      return {
        verdicts: rows.map(({ sample }) => ({
          ...{ requestId: sample.requestId, period: sample.period, taskId: sample.taskId, atMs: startOf(sample) },
          ...{ qualityFraction: sample.qualityFraction, fault: sample.fault ?? null, reasons: [...sample.reasons] },
          excessNats: sample.evidence?.surprise?.excessNats ?? null,
          ...{ firstTokenMs: sample.firstTokenMs, durationMs: sample.durationMs, units: sample.units },
        })),
        next: last === undefined || rows.length < limit ? null : { period: last.sample.period, sequence: last.sequence },
      };
    },
    async getRequestVerdicts(requestIds) {
      enter();
      const verdictOf = ({ requestId, period }: ResultRecord): RequestVerdict => {
        const sample = samples.get(requestId);
        if (!periodReports.has(period) || checks.has(requestId)) return { state: "open" };
        if (sample === undefined) return { state: "unchecked" };
        return { state: "judged", qualityFraction: sample.qualityFraction, reasons: [...sample.reasons] };
      };
      const found = requestIds.flatMap((id) => results.get(id) ?? []);
      return new Map(found.map((result) => [result.requestId, verdictOf(result)]));
    },
    async releaseChecks(held, release) {
      enter();
      for (const { requestId, attempts } of held) {
        const queued = checks.get(requestId);
        if (queued?.attempts !== attempts) continue;
        if (release === "drop") checks.delete(requestId);
        queued.leasedUntilMs = 0;
        if (release === "untried") queued.attempts -= 1;
      }
    },
    async renewChecks(held, { leaseMs, nowMs = ownNowMs() }) {
      enter();
      const renewed = held.filter(({ requestId, attempts }) => {
        const queued = checks.get(requestId);
        if (queued === undefined || queued.attempts !== attempts || queued.leasedUntilMs === 0) return false;
        queued.leasedUntilMs = nowMs + leaseMs;
        return true;
      });
      return renewed.map(({ requestId }) => requestId);
    },
    async getSamplesAfter(sequence) {
      enter();
      const recent = (newest()?.record.period ?? 0) - 1;
      const found = [...samples.values()].slice(sequence ?? samples.size).filter(({ period }) => period >= recent);
      const samplesOf = found.map(({ hotkey, taskId, qualityFraction, firstTokenMs, durationMs, units }) => {
        return { hotkey, taskId, qualityFraction, firstTokenMs, durationMs, units };
      });
      return { samples: samplesOf, sequence: samples.size };
    },
    async getCheckTerms() {
      enter();
      return terms;
    },
    async setCheckTerms(next) {
      enter();
      terms = copy(next);
    },
    async countPendingChecks() {
      enter();
      return checks.size;
    },
    async countPendingChecksBySeries() {
      enter();
      const counts = new Map<string, PendingChecks>();
      for (const { check } of checks.values()) {
        const { hotkey, taskId } = check;
        const key = keyOf(hotkey, taskId);
        counts.set(key, { hotkey, taskId, count: (counts.get(key)?.count ?? 0) + 1 });
      }
      return [...counts.values()];
    },
    async getSeries({ fromPeriod, samplesPerSeries, isOpenPeriodIncluded, untilPeriod = Number.MAX_SAFE_INTEGER, usualPeriodMs }) {
      enter();
      const series = new Map<string, { hotkey: string; taskId: string; declared: number; periods: PeriodTally[] }>();
      const later = [...periods.keys()].filter((period) => period > untilPeriod);
      const newestPeriod = later.length > 0 ? Math.min(...later) : (newest()?.record.period ?? 0);
      for (const rows of [...periods.values()].sort((a, b) => a.record.period - b.record.period)) {
        if (rows.record.period < fromPeriod || rows.record.period > newestPeriod) continue;
        for (const [key, row] of rows.rows) {
          const entry = series.get(key) ?? { hotkey: row.hotkey, taskId: row.taskId, declared: 0, periods: [] };
          if (rows.record.period === newestPeriod) entry.declared = row.declaredCapacityPerHour;
          const isListed = rows.record.period <= untilPeriod && (!rows.isOpen || isOpenPeriodIncluded);
          if (isListed) entry.periods.push(toTally(rows, row, usualPeriodMs));
          series.set(key, entry);
        }
      }
      return [...series.values()].map(({ hotkey, taskId, declared, periods: tallies }): MinerTaskSeries => {
        const own = [...samples.values()].filter(
          (sample) => sample.hotkey === hotkey && sample.taskId === taskId && sample.period >= fromPeriod && sample.period <= newestPeriod,
        );
        const kept = samplesPerSeries > 0 ? own.slice(-samplesPerSeries) : [];
        return {
          hotkey,
          taskId,
          declaredCapacityPerHour: declared,
          periods: tallies,
          samples: kept.map(({ period, qualityFraction, firstTokenMs, durationMs, units, reasons, isOrganic, evidence }) => ({
            ...{ period, qualityFraction },
            ...{ firstTokenMs, durationMs, units },
            ...(reasons.length > 0 ? { reasons } : {}),
            ...(isOrganic ? { isOrganic } : {}),
            ...(evidence === null ? {} : { evidence }),
          })),
        };
      });
    },
    async saveEpoch(record, inputs) {
      enter();
      epochs.set(record.period, copy(record));
      scoringInputs.delete(record.period);
      // In one go: a manual clock does not wait for threads.
      if (inputs !== undefined) scoringInputs.set(record.period, gzipSync(JSON.stringify(inputs)));
      for (const period of [...scoringInputs.keys()].sort((a, b) => b - a).slice(KEPT_SCORING_INPUTS)) scoringInputs.delete(period);
    },
    async getScoringInputs(period) {
      enter();
      return scoringInputs.get(period === "latest" ? Math.max(...scoringInputs.keys()) : period) ?? null;
    },
    async savePeriodReport(report) {
      enter();
      periodReports.set(report.period, copy(report));
    },
    async getLatestPeriodReport() {
      enter();
      return periodReports.get(Math.max(...periodReports.keys())) ?? null;
    },
    async getPeriodReport(period) {
      enter();
      return periodReports.get(period) ?? null;
    },
    async listReportedPeriods(limit) {
      enter();
      return [...periodReports.keys()].sort((a, b) => b - a).slice(0, limit);
    },
    async getPeriodRequests(period) {
      enter();
      const record = periodReports.has(period) ? periods.get(period)?.record : undefined;
      return record === undefined ? null : placeDots(record, [...results.values()]);
    },
    async getPeriodSummaries(wanted) {
      enter();
      return [...periodReports.values()].filter(({ period }) => wanted.includes(period)).map(summarisePeriod);
    },
    async getLatestEpoch() {
      enter();
      return [...epochs.values()].sort((a, b) => b.period - a.period)[0] ?? null;
    },
    async getEpoch(period) {
      enter();
      return epochs.get(period) ?? null;
    },
    async beginWeightSet({ netuid, epochBlock, weights, nowMs, staleAfterMs }) {
      enter();
      const begun = weightSets.get(`${netuid} ${epochBlock}`);
      const isTaken = begun?.state === "set" || (begun?.state === "submitting" && begun.begunAtMs > nowMs - staleAfterMs);
      if (isTaken) return false;
      const record = { netuid, epochBlock, weights: copy(weights), includedAtBlock: null, detail: null, reveal: null };
      weightSets.set(`${netuid} ${epochBlock}`, { ...record, state: "submitting", begunAtMs: nowMs });
      return true;
    },
    async finishWeightSet({ netuid, epochBlock, committed = null, ...fields }) {
      enter();
      const begun = weightSets.get(`${netuid} ${epochBlock}`);
      const reveal = committed === null ? null : { block: committed.revealBlock, outcome: "pending" as const };
      const weights = copy(committed?.weights ?? begun?.weights ?? []);
      if (begun !== undefined) weightSets.set(`${netuid} ${epochBlock}`, { ...begun, ...fields, weights, reveal });
    },
    async getUnrevealedWeightSets(netuid) {
      enter();
      const open = [...weightSets.values()].filter(
        (record) => record.netuid === netuid && record.state === "set" && record.reveal?.outcome === "pending",
      );
      return open.sort((a, b) => a.epochBlock - b.epochBlock).flatMap(toCommitted);
    },
    async finishReveal({ netuid, epochBlock, outcome }) {
      enter();
      const begun = weightSets.get(`${netuid} ${epochBlock}`);
      if (begun?.reveal?.outcome === "pending") {
        weightSets.set(`${netuid} ${epochBlock}`, { ...begun, reveal: { ...begun.reveal, outcome } });
      }
    },
    async getSubmittingWeightSets(netuid) {
      enter();
      const begun = [...weightSets.values()].filter((record) => record.netuid === netuid && record.state === "submitting");
      return begun.sort((a, b) => a.epochBlock - b.epochBlock).map(({ begunAtMs: _, ...record }) => record);
    },
    async getLastWeightSet(netuid) {
      enter();
      const [last] = [...weightSets.values()]
        .filter((record) => record.netuid === netuid && record.state === "set")
        .sort((a, b) => b.epochBlock - a.epochBlock);
      if (last === undefined) return null;
      const { begunAtMs: _, ...record } = last;
      return record;
    },
    async createApiKey({ sha256Hex, nowMs, who, sharesRequests = false, monthlyUnits = null, paidUnits = null, ...key }) {
      enter();
      const record = { ...key, sharesRequests, monthlyUnits, paidUnits, createdAtMs: nowMs, lastUsedAtMs: null, revokedAtMs: null };
      apiKeys.set(sha256Hex, record);
      noteKeyChange("created", record, { who, nowMs }, { creditUnits: record.paidUnits });
    },
    async findApiKey(sha256Hex) {
      enter();
      return apiKeys.get(sha256Hex) ?? null;
    },
    async listApiKeys() {
      enter();
      return [...apiKeys.values()];
    },
    async changeApiKey(idOrPrefix, limits, by) {
      enter();
      const entry = goodKey(idOrPrefix);
      if (entry === undefined) return false;
      const { monthlyUnits = entry[1].monthlyUnits, ...others } = limits;
      const changed = { ...entry[1], ...others, monthlyUnits };
      apiKeys.set(entry[0], changed);
      noteKeyChange("limitsChanged", changed, by);
      return true;
    },
    async addCredit(idOrPrefix, { units, reference = null }, by) {
      enter();
      if (reference !== null && keyChanges.some((each) => each.reference === reference)) return "before";
      const entry = goodKey(idOrPrefix);
      if (entry === undefined) return "noKey";
      const [sha256Hex, key] = entry;
      const paidUnits = (key.paidUnits ?? chargesOf(key.id, 0).totalUnits) + units;
      apiKeys.set(sha256Hex, { ...key, paidUnits });
      noteKeyChange("creditAdded", key, by, { creditUnits: units, reference });
      return "added";
    },
    async endCredit(idOrPrefix, by) {
      enter();
      const entry = goodKey(idOrPrefix);
      if (entry === undefined || entry[1].paidUnits === null) return false;
      apiKeys.set(entry[0], { ...entry[1], paidUnits: null });
      noteKeyChange("creditEnded", entry[1], by);
      return true;
    },
    async setSharing(idOrPrefix, sharesRequests, by) {
      enter();
      const isMeant = (key: ApiKeyRecord) => (key.id === idOrPrefix || key.prefix === idOrPrefix) && key.revokedAtMs === null;
      const entry = [...apiKeys].find(([, key]) => isMeant(key) && key.sharesRequests !== sharesRequests);
      if (entry === undefined) return false;
      apiKeys.set(entry[0], { ...entry[1], sharesRequests });
      if (!sharesRequests) sharedRequests = sharedRequests.filter(({ keyId }) => keyId !== entry[1].id);
      noteKeyChange(sharesRequests ? "sharingBegun" : "sharingEnded", entry[1], by);
      return true;
    },
    async revokeApiKey(idOrPrefix, by) {
      enter();
      const entry = [...apiKeys].find(([, key]) => (key.id === idOrPrefix || key.prefix === idOrPrefix) && key.revokedAtMs === null);
      if (entry === undefined) return false;
      apiKeys.set(entry[0], { ...entry[1], revokedAtMs: by.nowMs });
      sharedRequests = sharedRequests.filter(({ keyId }) => keyId !== entry[1].id);
      noteKeyChange("revoked", entry[1], by);
      return true;
    },
    async getKeyChanges(limit) {
      enter();
      return keyChanges.toReversed().slice(0, limit);
    },
    async noteSettings({ settings, version, nowMs }) {
      enter();
      const found = settingsInForce === null ? [] : findSettingsChanges(settingsInForce, copy(settings));
      settingsInForce = copy(settings);
      const changes = found.map((change) => ({ ...change, atMs: nowMs, version }));
      settingsChanges.push(...changes);
      return changes;
    },
    async getSettingsChanges(limit) {
      enter();
      return settingsChanges.toReversed().slice(0, limit);
    },
    async touchApiKeys(uses) {
      enter();
      for (const [sha256Hex, key] of apiKeys) {
        const usedAtMs = uses.get(key.id);
        if (usedAtMs !== undefined) apiKeys.set(sha256Hex, { ...key, lastUsedAtMs: Math.max(usedAtMs, key.lastUsedAtMs ?? 0) });
      }
    },
    async addSharedRequests(records) {
      enter();
      const sharing = new Set([...apiKeys.values()].flatMap((key) => (key.sharesRequests && key.revokedAtMs === null ? [key.id] : [])));
      sharedRequests = [...sharedRequests, ...copy(records.filter(({ keyId }) => sharing.has(keyId)))];
    },
    async takeStockOfSharedRequests({ sinceMs, maxBytesPerTask }) {
      enter();
      const bytes = new Map<string, number>();
      const kept = sharedRequests.toReversed().filter(({ taskId, request, atMs }) => {
        const sum = (bytes.get(taskId) ?? 0) + Buffer.byteLength(JSON.stringify(request));
        bytes.set(taskId, sum);
        return atMs >= sinceMs && sum <= maxBytesPerTask;
      });
      sharedRequests = kept.toReversed();
      return sharedRequests;
    },
    async addUsage(uses, { writer, sequence }) {
      enter();
      if (uses.length === 0 || (usageWrites.get(writer) ?? 0) >= sequence) return;
      usageWrites.set(writer, sequence);
      for (const use of uses) {
        const key = `${use.keyId} ${use.day} ${use.taskId}`;
        const known = usage.get(key) ?? { ...use, requests: 0, errors: 0, promptTokens: 0, units: 0 };
        const [requests, errors] = [known.requests + use.requests, known.errors + use.errors];
        usage.set(key, {
          ...known,
          requests,
          errors,
          promptTokens: known.promptTokens + use.promptTokens,
          units: known.units + (Number.isFinite(use.units) ? use.units : 0),
        });
      }
    },
    async getCharges(keyIds, month) {
      enter();
      const used = new Set([...usage.values()].map(({ keyId }) => keyId));
      return keyIds.filter((keyId) => used.has(keyId)).map((keyId) => chargesOf(keyId, month));
    },
    async getUsageByKey(sinceDay) {
      enter();
      const keyIds = [...new Set([...usage.values()].filter(({ day }) => day >= sinceDay).map(({ keyId }) => keyId))];
      return keyIds.map((keyId) => {
        const own = [...usage.values()].filter((use) => use.keyId === keyId && use.day >= sinceDay);
        const sum = (name: "requests" | "errors" | "promptTokens" | "units") => own.reduce((total, use) => total + use[name], 0);
        return { keyId, requests: sum("requests"), errors: sum("errors"), promptTokens: sum("promptTokens"), units: sum("units") };
      });
    },
    async getUsage(keyId, sinceDay) {
      enter();
      return [...usage.values()].filter((use) => use.keyId === keyId && use.day >= sinceDay);
    },
    async deleteOldestPeriod({ keptPeriods }) {
      enter();
      const beyond = [...periods.values()].filter(({ isOpen }) => !isOpen).map(({ record }) => record.period);
      const oldest = beyond
        .sort((a, b) => b - a)
        .slice(keptPeriods)
        .at(-1);
      if (oldest === undefined) return 0;
      const beforePeriod = oldest + 1;
      let deleted = 0;
      const dropFrom = <Value>(map: Map<string | number, Value>, periodOf: (value: Value) => number) => {
        for (const [key, value] of map) {
          if (periodOf(value) >= beforePeriod) continue;
          map.delete(key);
          deleted += 1;
        }
      };
      dropFrom(results as Map<string | number, ResultRecord>, (row) => row.period);
      dropFrom(samples as Map<string | number, SampleRecord>, (row) => row.period);
      dropFrom(checks as Map<string | number, QueuedCheck>, (row) => row.check.period);
      dropFrom(epochs as Map<string | number, EpochRecord>, (row) => row.period);
      dropFrom(periodReports as Map<string | number, PeriodReport>, (row) => row.period);
      for (const period of [...scoringInputs.keys()]) if (period < beforePeriod && scoringInputs.delete(period)) deleted += 1;
      dropFrom(periods as Map<string | number, PeriodRows>, (row) => (row.isOpen ? beforePeriod : row.record.period));
      return deleted;
    },
    async close() {},
  };
}

import { Kysely, PostgresDialect } from "kysely";
import type { Logger, Store } from "../../ports/index.js";
import { createApiKeyTable } from "./api-key-table.js";
import { createCheckQueue } from "./check-queue.js";
import { createPool, type PoolOptions } from "./create-pool.js";
import { deleteOldestPeriod } from "./delete-old-rows.js";
import { createEpochTable } from "./epoch-table.js";
import { createGatewayTables } from "./gateway-tables.js";
import { createKyselyPool } from "./kysely-pool.js";
import { migrate } from "./migrate.js";
import { createPeriodReportTable } from "./period-report-table.js";
import { createPeriodTables } from "./period-tables.js";
import { readPeriodRequests } from "./read-period-requests.js";
import { readPeriodSummaries } from "./read-period-summaries.js";
import { readSeries } from "./read-series.js";
import { recordResults } from "./record-results.js";
import { createSettingsTable } from "./settings-table.js";
import { createSharedRequestTable } from "./shared-request-table.js";
import { guard } from "./store-error.js";
import type { Tables } from "./tables.js";
import { createUsageTable } from "./usage-table.js";
import { createWeightTable } from "./weight-table.js";

/** Limit of what goes through whole tables, milliseconds: the series of a week of 256 miners take seconds. */
const LONG_STATEMENT_MS = 60_000;

/** Limit of a schema change, milliseconds: it may have to rewrite a table of a hundred million rows. */
const MIGRATION_MS = 3_600_000;

/**
 * The store on PostgreSQL, migrated and ready. Connections come back by themselves after an outage; until then every method rejects
 * with `STORE_UNREACHABLE`.
 *
 * @throws {@link VisionError} `STORE_UNREACHABLE`, `STORE_MIGRATION_FAILED`.
 */
export async function openPostgresStore(options: PoolOptions, dependencies: { readonly logger: Logger }): Promise<Store> {
  const { logger } = dependencies;
  const migrating = createPool({ ...options, maxConnections: 1, statementTimeoutMs: MIGRATION_MS }, dependencies);
  try {
    const applied = await guard(() => migrate(migrating));
    if (applied.length > 0) logger.info("Database schema brought up to date", { migrations: applied });
  } finally {
    await migrating.end();
  }
  return connectPostgresStore(options, dependencies);
}

/** The store on a database whose schema another process sees to. Waits for nothing: while the database is away its methods reject. */
export function connectPostgresStore(options: PoolOptions, dependencies: { readonly logger: Logger }): Store {
  const { logger } = dependencies;
  const pool = createPool(options, dependencies);
  // Long work has its own connections and its own limit, so that nobody else ever waits for it, nor as long as it may.
  const slowPool = createPool({ ...options, maxConnections: 2, statementTimeoutMs: LONG_STATEMENT_MS }, dependencies);

  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: createKyselyPool(pool) }) });
  const periods = createPeriodTables(database);
  const checks = createCheckQueue(pool, database, logger);
  const epochs = createEpochTable(database);
  const periodReports = createPeriodReportTable(database);
  const weights = createWeightTable(database);
  const usage = createUsageTable(pool);
  const settings = createSettingsTable(database);
  const gateways = createGatewayTables(pool, logger);
  const apiKeys = createApiKeyTable(pool, database);
  const sharedRequests = createSharedRequestTable(pool);

  return {
    getOpenPeriod: () => guard(() => periods.getOpenPeriod()),
    getPeriodsToReport: (limit) => guard(() => periods.getPeriodsToReport(limit)),
    getNewestPeriod: () => guard(() => periods.getNewestPeriod()),
    switchPeriod: (next, probes) => guard(() => periods.switchPeriod(next, probes)),
    recordResults: (results, checkRecords) => guard(() => recordResults(pool, { results, checks: checkRecords }, logger)),
    claimChecks: (claim) => guard(() => checks.claimChecks(claim)),
    recordSample: (sample) => guard(() => checks.recordSample(sample)),
    getVerdicts: (query) => guard(() => checks.getVerdicts(query)),
    getRequestVerdicts: (requestIds) => guard(() => checks.getRequestVerdicts(requestIds)),
    getReceipt: (requestId) => guard(() => checks.getReceipt(requestId)),
    releaseChecks: (held, release) => guard(() => checks.releaseChecks(held, release)),
    renewChecks: (held, lease) => guard(() => checks.renewChecks(held, lease)),
    getSamplesAfter: (sequence) => guard(() => checks.getSamplesAfter(sequence)),
    getCheckTerms: () => guard(() => checks.getCheckTerms()),
    setCheckTerms: (terms) => guard(() => checks.setCheckTerms(terms)),
    countPendingChecks: () => guard(() => checks.countPendingChecks()),
    countPendingChecksBySeries: () => guard(() => checks.countPendingChecksBySeries()),
    getSeries: (range) => guard(() => readSeries(slowPool, range)),
    saveEpoch: (record, inputs) => guard(() => epochs.saveEpoch(record, inputs)),
    getLatestEpoch: () => guard(() => epochs.getLatestEpoch()),
    getEpoch: (period) => guard(() => epochs.getEpoch(period)),
    getScoringInputs: (period) => guard(() => epochs.getScoringInputs(period)),
    savePeriodReport: (report) => guard(() => periodReports.savePeriodReport(report)),
    getLatestPeriodReport: () => guard(() => periodReports.getLatestPeriodReport()),
    getPeriodReport: (period) => guard(() => periodReports.getPeriodReport(period)),
    listReportedPeriods: (limit) => guard(() => periodReports.listReportedPeriods(limit)),
    getPeriodRequests: (period) => guard(() => readPeriodRequests(slowPool, period)),
    getPeriodSummaries: (wanted) => guard(() => readPeriodSummaries(slowPool, wanted)),
    beginWeightSet: (record) => guard(() => weights.beginWeightSet(record)),
    finishWeightSet: (record) => guard(() => weights.finishWeightSet(record)),
    getUnrevealedWeightSets: (netuid) => guard(() => weights.getUnrevealedWeightSets(netuid)),
    finishReveal: (record) => guard(() => weights.finishReveal(record)),
    getSubmittingWeightSets: (netuid) => guard(() => weights.getSubmittingWeightSets(netuid)),
    getLastWeightSet: (netuid) => guard(() => weights.getLastWeightSet(netuid)),
    createApiKey: (record) => guard(() => apiKeys.createApiKey(record)),
    findApiKey: (sha256Hex) => guard(() => apiKeys.findApiKey(sha256Hex)),
    listApiKeys: () => guard(() => apiKeys.listApiKeys()),
    changeApiKey: (id, limits, by) => guard(() => apiKeys.changeApiKey(id, limits, by)),
    setSharing: (idOrPrefix, sharesRequests, by) => guard(() => apiKeys.setSharing(idOrPrefix, sharesRequests, by)),
    addCredit: (idOrPrefix, credit, by) => guard(() => apiKeys.addCredit(idOrPrefix, credit, by)),
    endCredit: (idOrPrefix, by) => guard(() => apiKeys.endCredit(idOrPrefix, by)),
    revokeApiKey: (idOrPrefix, by) => guard(() => apiKeys.revokeApiKey(idOrPrefix, by)),
    getKeyChanges: (limit) => guard(() => apiKeys.getKeyChanges(limit)),
    touchApiKeys: (uses) => guard(() => apiKeys.touchApiKeys(uses)),
    addUsage: (uses, write) => guard(() => usage.addUsage(uses, write)),
    addSharedRequests: (records) => guard(() => sharedRequests.addSharedRequests(records)),
    takeStockOfSharedRequests: (bounds) => guard(() => sharedRequests.takeStockOfSharedRequests(bounds)),
    getCharges: (keyIds, month) => guard(() => usage.getCharges(keyIds, month)),
    getUsageByKey: (sinceDay) => guard(() => usage.getUsageByKey(sinceDay)),
    getUsage: (keyId, sinceDay) => guard(() => usage.getUsage(keyId, sinceDay)),
    noteSettings: (start) => guard(() => settings.noteSettings(start)),
    getSettingsChanges: (limit) => guard(() => settings.getSettingsChanges(limit)),
    tellGateways: (parts) => guard(() => gateways.tellGateways(parts)),
    hearCore: (known) => guard(() => gateways.hearCore(known)),
    handOver: (entries) => guard(() => gateways.handOver(entries)),
    getHandedOver: (wanted) => guard(() => gateways.getHandedOver(wanted)),
    dropHandedOver: (requestIds) => guard(() => gateways.dropHandedOver(requestIds)),
    findHandedOver: (requestIds) => guard(() => gateways.findHandedOver(requestIds)),
    deleteOldestPeriod: ({ keptPeriods }) => guard(() => deleteOldestPeriod(slowPool, keptPeriods)),
    async close() {
      await database.destroy();
      // Kysely ends the pool only if it ever ran a query itself.
      if (!pool.ended) await pool.end();
      await slowPool.end();
    },
  };
}

import { initialSchema } from "./m0001-initial-schema.js";
import { periodReports } from "./m0002-period-reports.js";
import { answerTimings } from "./m0003-answer-timings.js";
import { apiKeyLimits } from "./m0004-api-key-limits.js";
import { weightReveals } from "./m0005-weight-reveals.js";
import { compactRows } from "./m0006-compact-rows.js";
import { receipts } from "./m0007-receipts.js";
import { evidence } from "./m0008-evidence.js";
import { commonSeed } from "./m0009-common-seed.js";
import { faultCodes } from "./m0010-fault-codes.js";
import { keyUsage } from "./m0011-key-usage.js";
import { checkTerms } from "./m0012-check-terms.js";
import { checkTurns } from "./m0013-check-turns.js";
import { keyChanges } from "./m0014-key-changes.js";
import { settingsChanges } from "./m0015-settings-changes.js";
import { gateways } from "./m0016-gateways.js";
import { usageWriters } from "./m0017-usage-writers.js";
import { sharedRequests } from "./m0018-shared-requests.js";
import { budgets } from "./m0019-budgets.js";
import type { Migration } from "./migration.js";

/** All migrations in order. Numbers only grow, and a released migration is never edited: a change is a new one. */
export const migrations: readonly Migration[] = [
  initialSchema,
  periodReports,
  answerTimings,
  apiKeyLimits,
  weightReveals,
  compactRows,
  receipts,
  evidence,
  commonSeed,
  faultCodes,
  keyUsage,
  checkTerms,
  checkTurns,
  keyChanges,
  settingsChanges,
  gateways,
  usageWriters,
  sharedRequests,
  budgets,
];

export type { Migration } from "./migration.js";

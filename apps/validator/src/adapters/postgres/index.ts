export { claimDatabase, type DatabaseClaim, isDatabaseClaimed, readServerClock } from "./claim-database.js";
export { inspectDatabase } from "./inspect-database.js";
export { connectPostgresStore, openPostgresStore } from "./open-postgres-store.js";

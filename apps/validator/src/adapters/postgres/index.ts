export { claimDatabase, type DatabaseClaim, isDatabaseClaimed, readServerClock } from "./claim-database.js";
export { type DatabaseSight, inspectDatabase } from "./inspect-database.js";
export { openPostgresStore } from "./open-postgres-store.js";

export { claimDatabase, type DatabaseClaim, isDatabaseClaimed } from "./claim-database.js";
export { openPostgresStore } from "./open-postgres-store.js";

export type { PoolOptions } from "./create-pool.js";
export { openPostgresStore } from "./open-postgres-store.js";

export { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.js";
export { serverPaths } from "./server-files.js";

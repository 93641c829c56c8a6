export { type MinerServer, type ServeOptions, serve } from "./serve.js";

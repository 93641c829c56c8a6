export { createPinoLogger, type PinoLoggerOptions } from "./create-pino-logger.js";

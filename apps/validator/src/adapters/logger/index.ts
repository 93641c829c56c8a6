export { createPinoLogger, type LogLevel, logLevels, type PinoLoggerOptions } from "./create-pino-logger.js";
export { redact } from "./redact.js";

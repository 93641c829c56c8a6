export { createLogger, type LoggerOptions, type ProgramLogger } from "./create-logger.js";
export { type ExitCode, exitCodes, type FailureReport, reportFailure } from "./exit-codes.js";
export { type HotkeySurroundings, loadHotkey } from "./load-hotkey.js";
export { type LogLevel, logLevels } from "./log-levels.js";
export { programVersion } from "./program-version.js";
export { redact, redactFacts } from "./redact.js";
export { createTerminal, type Terminal } from "./terminal.js";
export { type HotkeySource, walletLocation } from "./wallet-location.js";

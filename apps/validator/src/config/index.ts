export { type CheckerConfig, checkerSections, loadChainConfig, loadCheckerConfig, loadConfig, loadDatabaseConfig } from "./load-config.js";
export type { ReferenceSettings } from "./reference-settings.js";
export { toValidatorConfig, type ValidatorConfig, validatorProgram } from "./schema.js";

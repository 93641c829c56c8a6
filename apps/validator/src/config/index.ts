export { loadChainConfig, loadConfig, loadDatabaseConfig } from "./load-config.js";
export { toValidatorConfig, type ValidatorConfig, validatorProgram } from "./schema.js";

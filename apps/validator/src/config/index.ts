export { chainPlace, describeChainPlace } from "./chain-place.js";
export { describeConfig } from "./describe-config.js";
export {
  CONFIG_FILE_VARIABLE,
  type ConfigSources,
  loadChainConfig,
  loadConfig,
  loadDatabaseConfig,
} from "./load-config.js";
export { type ValidatorConfig, validatorConfigSchema } from "./schema.js";
export { flagName, type SettingDefinition, settingDefinitions } from "./setting-definitions.js";

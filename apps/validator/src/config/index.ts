export {
  type CheckerConfig,
  checkerSections,
  type GatewayConfig,
  gatewaySections,
  loadChainConfig,
  loadCheckerConfig,
  loadConfig,
  loadDatabaseConfig,
  loadGatewayConfig,
  loadTaskConfig,
  taskSections,
} from "./load-config.js";
export type { ReferenceSettings } from "./reference-settings.js";
export { readRequestsFile } from "./requests-file.js";
export { toValidatorConfig, type ValidatorConfig, validatorProgram } from "./schema.js";
export { readTaskSettings, type TaskBase, type TaskSettings } from "./task-settings.js";
export { readTasksFile, tasksFilePath, type WrittenTasksFile } from "./tasks-file.js";
export { tasksFileJsonSchema } from "./tasks-file-json-schema.js";

// What an author of a miner or a backend needs of the protocol, so that nobody has to install a second package.
export {
  type AnswerTimeLimits,
  answerTimeLimits,
  type ChatRequest,
  type CompletionRequest,
  chatMessageText,
  defaultTasks,
  type FamilyName,
  getFamily,
  type ImageRequest,
  PROTOCOL_VERSION,
  protocolLimits,
  samplerSchema,
  type Task,
  type TaskFamily,
  taskSchema,
  VisionError,
} from "@vision/protocol";
export {
  createHotkeyFromMnemonic,
  createHotkeyFromSeed,
  createHotkeyFromUri,
  type Hotkey,
  type IncomingHeaders,
  ready,
} from "@vision/signing";
export {
  BACKEND_SPECIFICATION_VERSION,
  type BackendCall,
  BackendError,
  type BackendHealth,
  type BackendPart,
  type HealthCheckOptions,
  type InferenceBackend,
  type RequestByFamily,
  type ServedModel,
} from "./backends/inference-backend.js";
export { type CapacityShareInput, type CapacitySharing, planCapacityShare } from "./miner/capacity-share.js";
export { createMiner } from "./miner/create-miner.js";
export type {
  HeadDecision,
  Miner,
  MinerCapacity,
  MinerEvent,
  MinerOptions,
  MinerRequest,
  MinerRequestHead,
  MinerResponse,
  MinerTaskOptions,
  MinerTrace,
  MinerTraceStart,
  WarmUpResult,
} from "./miner/miner.js";
export { findPoolMistakes, type MinerPoolOptions, type PooledSettings, type PoolMistake } from "./miner/pools.js";
export { allowEveryone, type ValidatorDirectory, type ValidatorStanding } from "./miner/validator-directory.js";
export { type Clock, systemClock } from "./runtime/clock.js";
export { type Logger, silentLogger, stderrLogger } from "./runtime/logger.js";
export { type RandomBytes, systemRandomBytes } from "./runtime/random-bytes.js";

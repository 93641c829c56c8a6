export { judgeReveal, REVEAL_GRACE_BLOCKS, type RevealSight } from "./judge-reveal.js";
export { keepOwnedWeights } from "./keep-owned-weights.js";
export { nameHotkeys } from "./name-hotkeys.js";
export { isSameWeights, upscaleWeights } from "./same-weights.js";
export { MAX_WEIGHT_U16, toWeightsU16 } from "./to-weights-u16.js";
export { findWeightMistakes, validateWeights, type WeightRules } from "./validate-weights.js";
export {
  DEFAULT_LEAD_BLOCKS,
  planWeightFallback,
  planWeightTiming,
  type WeightFallbackInput,
  type WeightTiming,
  type WeightTimingInput,
} from "./weight-timing.js";

export { maxUpscale } from "./max-upscale.js";
export { runYuma, type U16Cell, type YumaNeuron, type YumaOutcome, type YumaParameters } from "./yuma.js";

export { collectAnswers, drawRequests } from "./collect.js";
export { createEmbeddedPair, createRealPair, type Pair, pairTitles } from "./pairs.js";
export { openRecords } from "./records.js";
export { plotPair, renderPair } from "./render.js";
export { type PairResult, reportPair } from "./report.js";

import fc from "../../node_modules/fast-check/lib/fast-check.js";

// The same cases in every run, so that a change is judged by what it changes. `VISION_FC_SEED=random npm test` looks for new ones.
const seed = process.env.VISION_FC_SEED ?? "20";
if (seed !== "random") fc.configureGlobal({ seed: Number(seed) });

export default fc;

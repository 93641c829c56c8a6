import { describeReferenceModel } from "../testing/reference-model-contract.js";
import { createEncoderCache } from "./embedded-prompts.js";
import { createInProcessEngine } from "./reference-engine-in-process.js";
import { createEmbeddedModel } from "./reference-model-embedded.js";

describeReferenceModel("the embedded model", async () =>
  createEmbeddedModel({ model: "tiny-lm-q8_0" }, { engine: createInProcessEngine(), encoderOf: createEncoderCache() }),
);

/** How fast the embedded models are on this machine. Run `npm run build` first, then `npm run bench -- tiny`. */
import { loadImageModel, loadLanguageModel } from "../dist/index.js";

const ROUNDS = 5;

/** Median of a few rounds, milliseconds, after one round that does not count. */
function measureMs(run) {
  run();
  const times = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    run();
    return performance.now() - startMs;
  });
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}

function report(what, value, unit) {
  console.log(`${what.padEnd(58)} ${value.padStart(9)} ${unit}`);
}

for (const name of ["tiny-lm-q8_0", "tiny-lm-small-q8_0"]) {
  const startMs = performance.now();
  const model = await loadLanguageModel(name);
  report(`${name}: load`, (performance.now() - startMs).toFixed(0), "ms");
  const promptTokens = model.chatPrompt([{ role: "user", content: "Tell me a story about a fox." }]);
  // Drawn hot, so that it does not end before 400 tokens: an end token ends nothing here, the next generation goes on from it.
  const outputTokens = [];
  const generate = () => {
    outputTokens.length = 0;
    while (outputTokens.length < 400) {
      const options = {
        promptTokens: [...promptTokens, ...outputTokens],
        maxTokens: 400 - outputTokens.length,
        temperature: 1,
        seed: outputTokens.length,
      };
      for (const { tokenId } of model.generate(options)) outputTokens.push(tokenId);
    }
  };
  const generateMs = measureMs(generate);
  report(`${name}: generate 400 tokens`, ((400 / generateMs) * 1000).toFixed(0), "tokens/s");
  const scoreMs = measureMs(() => model.score({ promptTokens, outputTokens, temperature: 1, seed: 0 }));
  report(`${name}: score 400 tokens`, ((400 / scoreMs) * 1000).toFixed(0), "tokens/s");
  report(`${name}: score / generate`, ((scoreMs / generateMs) * 100).toFixed(0), "%");
  report(`${name}: memory`, (model.memoryBytes() / 1e6).toFixed(1), "MB");
  report(`${name}: more for each running generator`, (model.cacheBytes / 1e6).toFixed(1), "MB");
}

const images = await loadImageModel();
const imageMs = measureMs(() => [...images.generate({ prompt: "red apple", seed: 7, steps: 24, guidanceScale: 3 })]);
report("tiny-emoji-diffusion-f16: 24 steps with guidance", imageMs.toFixed(0), "ms");
report("tiny-emoji-diffusion-f16: memory", (images.memoryBytes() / 1e6).toFixed(1), "MB");

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
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const tell = (seed) => [...model.generate({ promptTokens, maxTokens: 400, temperature: 0.7, seed })].map(({ tokenId }) => tokenId);
  const stories = seeds.map(tell);
  const tokenCount = stories.reduce((sum, story) => sum + story.length, 0);
  const generateMs = measureMs(() => seeds.map(tell));
  const scoreMs = measureMs(() => stories.map((outputTokens) => model.score({ promptTokens, outputTokens })));
  report(`${name}: mean length of the stories`, (tokenCount / seeds.length).toFixed(0), "tokens");
  report(`${name}: generate`, ((tokenCount / generateMs) * 1000).toFixed(0), "tokens/s");
  report(`${name}: score`, ((tokenCount / scoreMs) * 1000).toFixed(0), "tokens/s");
  report(`${name}: score / generate`, ((scoreMs / generateMs) * 100).toFixed(0), "%");
  report(`${name}: memory`, (model.memoryBytes() / 1e6).toFixed(1), "MB");
  report(`${name}: more for each running generator`, (model.cacheBytes / 1e6).toFixed(1), "MB");
}

const images = await loadImageModel();
const imageMs = measureMs(() => [...images.generate({ prompt: "red apple", seed: 7, steps: 24, guidanceScale: 3 })]);
report("tiny-emoji-diffusion-f16: 24 steps with guidance", imageMs.toFixed(0), "ms");
report("tiny-emoji-diffusion-f16: memory", (images.memoryBytes() / 1e6).toFixed(1), "MB");

// Time of scoreEpoch at full size. Standalone, after a build or from the sources:
//   node packages/scoring/bench/score-epoch.bench.mjs
// Exports `run()` for `npm run bench`.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "../../..");
const sizes = { miners: 256, tasks: 20, periods: 168, samples: 50 };
const limits = { milliseconds: 200, ratio: 2.2 };

async function loadScoreEpoch() {
  const bundle = await build({
    entryPoints: [resolve(import.meta.dirname, "../src/index.ts")],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@vision/source"],
    logLevel: "error",
  });
  const module = await import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString("base64")}`);
  return module.scoreEpoch;
}

function makeObservations(miners) {
  let state = 12_345;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const series = [];
  for (let miner = 0; miner < miners; miner += 1) {
    for (let task = 0; task < sizes.tasks; task += 1) {
      const periods = Array.from({ length: sizes.periods }, (_, period) => {
        const attempted = 500 + random() * 500;
        const failed = random() < 0.1 ? attempted * 0.1 : 0;
        const rateLimited = random() < 0.1 ? attempted * 0.1 : 0;
        return {
          period,
          declaredCapacityUnits: 10_000,
          attemptedUnits: attempted,
          completedUnits: attempted - failed - rateLimited,
          rateLimitedUnits: rateLimited,
          failedUnits: failed,
          requests: 20,
          okCount: 18,
          rateLimitedCount: 1,
          failedCount: 1,
        };
      });
      const samples = Array.from({ length: sizes.samples }, () => ({
        period: Math.floor(random() * sizes.periods),
        qualityFraction: random(),
        firstTokenMs: 200 + random() * 500,
        durationMs: 1_000 + random() * 4_000,
        units: 1 + Math.floor(random() * 400),
      }));
      series.push({ hotkey: `miner-${miner}`, taskId: `task-${task}`, declaredCapacityPerHour: 10_000, periods, samples });
    }
  }
  const byTask = (value) => Object.fromEntries(Array.from({ length: sizes.tasks }, (_, task) => [`task-${task}`, value]));
  const targets = byTask({ firstTokenMs: 400, unitsPerSecond: 80 });
  return { period: sizes.periods - 1, periodsPerHour: 1, taskWeights: byTask(1), targets, series };
}

/** A quarter of the runs were at least this fast: what the code takes when neighbours on the machine leave it alone. */
function lowerQuartile(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)];
}

/** Measures; resolves to the numbers and whether they are within the limits. */
export async function run() {
  const scoreEpoch = await loadScoreEpoch();
  const measure = (observations) => {
    const start = performance.now();
    scoreEpoch(observations);
    return performance.now() - start;
  };
  const single = makeObservations(sizes.miners);
  const alone = Array.from({ length: 12 }, () => measure(single)).slice(3);
  const double = makeObservations(sizes.miners * 2);
  // Growth is a matter of the algorithm: runs in turns, and the fastest of each, which neither a neighbour nor a collection of garbage disturbed.
  const turns = Array.from({ length: 8 }, () => ({ single: measure(single), double: measure(double) }));
  const fastest = (key) => Math.min(...turns.map((turn) => turn[key]));
  const milliseconds = lowerQuartile(alone);
  const ratio = fastest("double") / fastest("single");
  return { name: "scoreEpoch", milliseconds, ratio, limits, isWithin: milliseconds < limits.milliseconds && ratio <= limits.ratio };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { milliseconds, ratio, isWithin } = await run();
  const size = `${sizes.miners} miners x ${sizes.tasks} tasks x ${sizes.periods} periods x ${sizes.samples} samples`;
  console.log(`scoreEpoch, ${size}: ${milliseconds.toFixed(1)} ms (limit ${limits.milliseconds})`);
  console.log(`twice the miners: x ${ratio.toFixed(2)} (limit ${limits.ratio})`);
  process.exitCode = isWithin ? 0 : 1;
}

import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { TEST_TIMEOUT_MS } from "./tools/config/jest-preset.mjs";

const root = import.meta.dirname;

/** Suites that need the machine for themselves. All others must hold on a busy one: two workers on two cores, and something else beside them. */
const alone = [
  "apps/dashboard/test/page.test.ts", // a subnet of thirteen programs and a browser
  "apps/localnet/test/image-edits.test.ts", // rank miners by measured times, as the next two
  "apps/localnet/test/localnet.test.ts",
  "apps/localnet/test/real.test.ts",
  "apps/localnet/test/restart.test.ts", // away for at most 8 s
  "apps/validator/test/real-model.test.ts", // a model on every core, with a target time
];

/** Suites that take from a quarter of a minute to minutes: `npm run test:long` runs them, `npm test` all others. */
const long = [
  "apps/dashboard/test/page.test.ts",
  "apps/docs/test/site.test.ts",
  "apps/lab/src/bounds.test.ts",
  "apps/localnet/test/image-edits.test.ts",
  "apps/localnet/test/localnet.test.ts",
  "apps/localnet/test/real.test.ts",
  "apps/localnet/test/restart.test.ts",
  "apps/validator/test/checker-program.test.ts",
  "apps/validator/test/clients-python.test.ts",
  "apps/validator/test/database-dump.test.ts",
  "apps/validator/test/embedded-orphan.test.ts",
  "apps/validator/test/faults/faults.test.ts",
  "apps/validator/test/faulty-miners.test.ts",
  "apps/validator/test/gateway-program.test.ts",
  "apps/validator/test/hangup.test.ts",
  "apps/validator/test/parent.test.ts",
  "apps/validator/test/real-model.test.ts",
  "apps/validator/test/traces.test.ts",
  "apps/validator/test/upgrade.test.ts",
  "test/docs/code-blocks.test.ts",
  "test/packed-install/packed-install.test.ts",
  "test/run-jest/run-jest.test.ts",
];

const missing = [...alone, ...long].filter((suite) => !existsSync(join(root, suite)));
if (missing.length > 0) throw new Error(`jest.config.mjs names suites that are not there: ${missing.join(", ")}`);

const { VISION_TEST_LENGTH: wanted = "any" } = process.env;
const isWanted = (suite) => wanted === "any" || (wanted === "long") === long.includes(suite);

const folders = ["packages", "apps", "examples"].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, folder, entry.name, "jest.config.mjs")))
    .map((entry) => `${folder}/${entry.name}`),
);
const projects = await Promise.all(
  [...folders, "test"].map(async (folder) => {
    const { default: project } = await import(`./${folder}/jest.config.mjs`);
    const paths = (suites) => suites.filter((suite) => suite.startsWith(`${folder}/`)).map((suite) => join(root, suite));
    const together = wanted === "long" ? paths(long) : project.testMatch;
    const passedOver = paths(wanted === "short" ? [...alone, ...long] : alone);
    return [
      { ...project, testMatch: together, testPathIgnorePatterns: [...passedOver, "/node_modules/"] },
      { ...project, testMatch: paths(alone.filter(isWanted)), runner: join(root, "tools", "config", "alone-runner.mjs") },
    ].filter(({ testMatch }) => testMatch.length > 0);
  }),
);

/** One run over every workspace: one pool of workers, one summary. */
export default {
  projects: projects.flat(),
  maxWorkers: Math.max(availableParallelism() - 1, Math.min(availableParallelism(), 2)), // Jest leaves a core to itself, of two as well
  workerIdleMemoryLimit: "1GB", // what a suite loaded is never given back: 2.7 GB after 150 suites. A worker that holds more is replaced
  testSequencer: join(root, "tools", "config", "test-sequencer.mjs"),
  testTimeout: TEST_TIMEOUT_MS, // of several projects, jest takes it from here only
};

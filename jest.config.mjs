import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { TEST_TIMEOUT_MS } from "./tools/config/jest-preset.mjs";

const root = import.meta.dirname;

/** Suites that need the machine for themselves. All others must hold on a busy one: two workers on two cores, and something else beside them. */
const alone = {
  "apps/dashboard": ["test/page.test.ts"], // a subnet of thirteen programs and a browser
  "apps/localnet": ["test/image-edits.test.ts", "test/localnet.test.ts", "test/real.test.ts", "test/restart.test.ts"], // rank miners by measured times; away for at most 8 s
  "apps/validator": ["test/real-model.test.ts"], // a model on every core, with a target time
};

const folders = ["packages", "apps", "examples"].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, folder, entry.name, "jest.config.mjs")))
    .map((entry) => `${folder}/${entry.name}`),
);
const projects = await Promise.all(
  [...folders, "test"].map(async (folder) => {
    const { default: project } = await import(`./${folder}/jest.config.mjs`);
    const files = (alone[folder] ?? []).map((file) => `<rootDir>/${file}`);
    if (files.length === 0) return [project];
    return [
      { ...project, testPathIgnorePatterns: [...files, "/node_modules/"] },
      { ...project, testMatch: files, runner: join(root, "tools", "config", "alone-runner.mjs") },
    ];
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

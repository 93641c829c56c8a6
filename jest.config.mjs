import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { TEST_TIMEOUT_MS } from "./tools/config/jest-preset.mjs";

const root = import.meta.dirname;
const projects = ["packages", "apps", "examples"].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, folder, entry.name, "jest.config.mjs")))
    .map((entry) => `<rootDir>/${folder}/${entry.name}`),
);

/** One run over every workspace: one pool of workers, one summary. */
export default {
  projects: [...projects, "<rootDir>/test"],
  testTimeout: TEST_TIMEOUT_MS, // of several projects, jest takes it from here only
};

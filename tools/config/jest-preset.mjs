import { join } from "node:path";

/** The last net, for a machine that is busy with something else: no test needs as long, and none waits for time to pass. */
export const TEST_TIMEOUT_MS = 180_000;

/**
 * Jest settings shared by every workspace: TypeScript sources through swc, in ESM mode, resolved from `src` (no build first).
 *
 * @param {string} displayName
 * @param {string} rootDir
 */
export function jestProject(displayName, rootDir) {
  return {
    displayName,
    rootDir,
    testEnvironment: join(import.meta.dirname, "jest-environment.mjs"),
    testTimeout: TEST_TIMEOUT_MS,
    testEnvironmentOptions: { customExportConditions: ["@vision/source", "node", "node-addons"] },
    testMatch: ["<rootDir>/{src,test}/**/*.test.ts"],
    extensionsToTreatAsEsm: [".ts"],
    moduleNameMapper: {
      "^fast-check$": join(import.meta.dirname, "fast-check.mjs"),
      // Sources name the file that will be built; what is there is TypeScript.
      "^(\\.{1,2}/(?!.*node_modules/).*)\\.js$": "$1",
    },
    transform: {
      "^.+\\.ts$": [
        "@swc/jest",
        {
          jsc: { parser: { syntax: "typescript" }, target: "es2022" },
          module: { type: "es6" },
          sourceMaps: "inline",
        },
      ],
    },
  };
}

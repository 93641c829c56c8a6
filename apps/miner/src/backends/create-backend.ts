import { resolve } from "node:path";
import type { InferenceBackend } from "@vision/sdk/backends";
import type { BackendConfig } from "../config/backend-config.js";
import { loadModuleBackend } from "./load-module-backend.js";

/** A configuration without the keys that are undefined, which is how the SDK's options want it. */
type Given<Options> = { [Key in keyof Options]: undefined extends Options[Key] ? Exclude<Options[Key], undefined> : Options[Key] };

function given<Options extends object>(options: Options): Given<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<Options>;
}

/**
 * The backend of a configuration. Each kind is loaded only when it is used.
 *
 * @param baseDirectory - Folder that paths in the configuration count from.
 * @throws Error when an operator's module cannot be loaded; TypeError for options that make no sense.
 */
export async function createBackend(config: BackendConfig, baseDirectory: string): Promise<InferenceBackend> {
  switch (config.kind) {
    case "tiny": {
      const { kind: _kind, ...options } = config;
      return (await import("@vision/sdk/backends")).tiny(given(options));
    }
    case "openai-compatible": {
      const { kind: _kind, ...options } = config;
      return (await import("@vision/sdk/backends")).openaiCompatible(given(options));
    }
    case "llama-cpp": {
      const { kind: _kind, ...options } = config;
      // What the configuration names is absolute; what a module asks for counts from the configuration's folder.
      const modelPath = resolve(baseDirectory, options.modelPath);
      return (await import("@vision/sdk/backends")).llamaCpp(given({ ...options, modelPath }));
    }
    case "pooled": {
      const members = [];
      for (const { backend, ...member } of config.members) {
        members.push({ ...given(member), backend: await createBackend(backend, baseDirectory) });
      }
      const { firstContentMs } = config;
      return (await import("@vision/sdk/backends")).pooledBackend(given({ members, firstContentMs }));
    }
    case "module":
      return loadModuleBackend(config, baseDirectory, createBackend);
  }
}

import { z } from "zod";
import { isAddress, isDevelopmentChain, isPublicAddress } from "./address-checks.js";

const record = z.record(z.string(), z.unknown()).catch({});

/** Only as much of the configuration as the checks need, whatever the rest looks like. */
const looseSchema = z
  .looseObject({
    hotkey: z.looseObject({ uri: z.unknown().optional() }).catch({ uri: undefined }),
    allowDevKeys: z.unknown().optional(),
    tasks: record,
    backends: record,
    chain: z.unknown().optional(),
    validators: z.unknown().optional(),
  })
  .catch({ hotkey: { uri: undefined }, allowDevKeys: false, tasks: {}, backends: {} });

const looseChainSchema = z
  .looseObject({
    url: z.string().optional().catch(undefined),
    endpoints: z.array(z.string()).catch([]),
    announce: z.looseObject({ host: z.string().optional().catch(undefined) }).catch({}),
  })
  .catch({ endpoints: [], announce: {} });

const looseTaskSchema = z.looseObject({ backend: z.string().optional() }).catch({});

/** A mistake at a path of the configuration. */
export type CrossMistake = { readonly path: string; readonly message: string };

/**
 * Mistakes between parts of a configuration that are fine one by one. Looks at unchecked input, so that these are found together with all
 * the others and not after them.
 */
export function findCrossMistakes(config: unknown): readonly CrossMistake[] {
  const { hotkey, allowDevKeys, tasks, backends, chain, validators } = looseSchema.parse(config);
  const names = Object.keys(backends);
  const mistakes: CrossMistake[] = [];
  if (hotkey.uri !== undefined && allowDevKeys !== true) {
    const message = "is a development key that anybody can use; set allowDevKeys to true for development, or use wallet or mnemonicFile";
    mistakes.push({ path: "hotkey.uri", message });
  }
  if (chain !== undefined && validators !== undefined) {
    mistakes.push({ path: "validators", message: "cannot be given together with chain, which says who is served; remove one of them" });
  }
  mistakes.push(...findAnnounceMistakes(chain));
  for (const [id, task] of Object.entries(tasks)) {
    const { backend } = looseTaskSchema.parse(task);
    const path = `tasks.${id}.backend`;
    if (backend === undefined && names.length > 1) mistakes.push({ path, message: `is missing; choose from ${names.join(", ")}` });
    if (backend !== undefined && !names.includes(backend)) {
      mistakes.push({ path, message: `names no backend "${backend}"; choose from ${names.join(", ")}` });
    }
  }
  return mistakes;
}

/** An address that no validator could ever reach is told here: once it is published, the miner just stays without requests. */
function findAnnounceMistakes(chain: unknown): readonly CrossMistake[] {
  const { url, endpoints, announce } = looseChainSchema.parse(chain);
  const { host } = announce;
  if (host === undefined || host === "") return [];
  const path = "chain.announce.host";
  if (!isAddress(host)) return [{ path, message: "must be an IP address; the chain holds no names" }];
  const places = [...endpoints, ...(url === undefined ? [] : [url])];
  if (isPublicAddress(host) || (places.length > 0 && places.every(isDevelopmentChain))) return [];
  return [{ path, message: "is no address of the public internet, so no validator can reach it; give the one that others see you under" }];
}

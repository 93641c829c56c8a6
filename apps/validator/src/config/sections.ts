import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import { changeRegistry, createRegistry, enabledTasks, type TaskRegistry, taskChangesSchema, VisionError } from "@vision/protocol";
import { NINETEEN_2025, type ScoringParams, VISION_2024, type VisionOverrides, visionParams } from "@vision/scoring";
import { checkWorkersOf, defaultCheckParams, defaultProbingParams } from "@vision/scoring/probing";
import { z } from "zod";
import { isAddressRange } from "../domain/address-range.js";
import { defaultWeightParams } from "../domain/weight-params.js";

const fraction = z.number().min(0).max(1);
const count = z.int().min(1).max(1_000_000);
const durationMs = z.int().min(1).max(86_400_000);
const port = z.int().min(0).max(65_535);
const filePath = z.string().min(1);

function urlWith(protocols: readonly string[]) {
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });
}

/** Lets a check of several fields run although another field is wrong, so that both are told. */
const isObject = (payload: { readonly value: unknown }) => typeof payload.value === "object" && payload.value !== null;

/** Which chain and subnet. */
export const chainSection = z
  .strictObject({
    network: z.enum(["finney", "test", "local"]).optional(),
    url: urlWith(["ws:", "wss:"]).optional(),
    endpoints: z
      .array(urlWith(["ws:", "wss:"]))
      .min(1)
      .max(64)
      .optional(),
    netuid: z.int().min(0).max(65_535),
    arePrivateEndpointsAllowed: z.boolean().default(false),
  })
  .refine(
    ({ network, url, endpoints }) => (network === undefined) !== (url === undefined) || (url === undefined && endpoints !== undefined),
    {
      error: "name either a network (finney, test, local) or a url (wss://...), not both, or endpoints",
      when: isObject,
    },
  );

/** Stands in for a missing section: what is missing in it is told field by field. */
export const missingChain = {} as z.input<typeof chainSection>;

/** Whose signature the validator's is. Exactly one source. */
export const hotkeySection = z
  .strictObject({
    mnemonicFile: filePath.optional(),
    seedFile: filePath.optional(),
    uri: z.string().min(1).max(512).optional(),
    wallet: z.string().min(1).max(128).optional(),
    walletHotkey: z.string().min(1).max(128).default("default"),
    walletsPath: filePath.optional(),
    areDevKeysAllowed: z.boolean().default(false),
  })
  .superRefine((hotkey, context) => {
    const named = (["mnemonicFile", "seedFile", "uri", "wallet"] as const).filter((key) => hotkey[key] !== undefined);
    if (named.length !== 1) {
      context.addIssue({
        code: "custom",
        message: `name exactly one of wallet, mnemonicFile, seedFile and uri${named.length > 1 ? `; there are ${named.join(" and ")}` : ""}`,
      });
    }
    if (hotkey.uri !== undefined && !hotkey.areDevKeysAllowed) {
      context.addIssue({
        code: "custom",
        path: ["uri"],
        message: "a key in the configuration is for development only; set hotkey.areDevKeysAllowed to true for that, else use wallet",
      });
    }
  });

/** Folder that the validator keeps its embedded database in when none is named. */
function defaultDataDir(): string {
  return join(homedir(), ".vision", "validator");
}

/** PostgreSQL: somebody else's by URL, or the embedded one in a folder. */
export const databaseSection = z.strictObject({
  url: urlWith(["postgres:", "postgresql:"]).optional(),
  dataDir: filePath.default(defaultDataDir),
  maxConnections: z.int().min(2).max(500).default(10),
});

/** The API for users. */
export const gatewaySection = z.strictObject({
  isEnabled: z.boolean().default(true),
  host: z.string().min(1).default("127.0.0.1"),
  port: port.default(8080),
  publicUrl: urlWith(["http:", "https:"]).optional(),
  maxAttempts: z.int().min(1).max(32).default(4),
  apiKeyCacheMs: z.int().min(0).max(3_600_000).default(5_000),
  corsOrigins: z.array(z.string().min(1).max(256)).max(64).default(["*"]),
  trustedProxies: z
    .array(z.string().refine(isAddressRange, { error: "must be a range of addresses such as 10.0.0.0/8" }))
    .max(256)
    .default(["127.0.0.0/8", "::1/128"]),
  maxConnectionsPerAddress: count.default(1_000),
  strangerRequestsPerMinute: count.default(600),
  drainMs: z.int().min(0).max(86_400_000).optional(),
  keepAliveMs: z.int().min(100).max(3_600_000).default(2_000),
});

/** Where metrics can be read. */
export const metricsSection = z.strictObject({
  isEnabled: z.boolean().default(true),
  host: z.string().min(1).default("127.0.0.1"),
  port: port.default(9_090),
});

/** Length of a scoring period. */
export const periodSection = z.strictObject({
  lengthMs: z.int().min(1_000).max(86_400_000).default(defaultProbingParams.periodMs),
});

const shareBand = z
  .strictObject({ probability: fraction, from: fraction, to: fraction })
  .refine((band) => band.from <= band.to, { error: "from must not be above to" });

/** How much of each capacity is tried. */
export const probingSection = z
  .strictObject({
    shareBands: z
      .tuple([shareBand], shareBand)
      .refine((bands) => Math.abs(bands.reduce((sum, band) => sum + band.probability, 0) - 1) < 1e-9, {
        error: "the probabilities must sum to 1",
      })
      .default([...defaultProbingParams.shareBands]),
    shareFloor: z
      .array(z.strictObject({ capacityRequests: z.number().min(0).max(1e12), fraction }))
      .max(64)
      .default([...defaultProbingParams.shareFloor]),
    minRequestsPerPeriod: z.int().min(0).max(1_000_000).default(defaultProbingParams.minRequestsPerPeriod),
    maxRequestsPerPeriod: count.default(defaultProbingParams.maxRequestsPerPeriod),
    maxConcurrentRequests: count.default(defaultProbingParams.maxConcurrentRequests),
    maxConcurrentPerProbe: count.default(defaultProbingParams.maxConcurrentPerProbe),
    sendWindowFraction: z.number().gt(0).max(1).default(defaultProbingParams.sendWindowFraction),
    capacityConcurrency: count.default(defaultProbingParams.capacityConcurrency),
    capacityTimeoutMs: durationMs.default(defaultProbingParams.capacityTimeoutMs),
  })
  .refine((probing) => probing.minRequestsPerPeriod <= probing.maxRequestsPerPeriod, {
    path: ["minRequestsPerPeriod"],
    error: "must not be above probing.maxRequestsPerPeriod",
  });

/** Which answers are checked. */
export const checksSection = z.strictObject({
  targetPerMinerTaskPeriod: z.number().min(0).max(1e6).default(defaultCheckParams.targetPerMinerTaskPeriod),
  minFraction: fraction.default(defaultCheckParams.minFraction),
  maxPendingPerTask: count.default(defaultCheckParams.maxPendingPerTask),
  batchSize: count.default(defaultCheckParams.batchSize),
  concurrency: z.int().min(1).max(64).default(checkWorkersOf(availableParallelism())),
  leaseMs: durationMs.default(defaultCheckParams.leaseMs),
  maxAttempts: z.int().min(1).max(100).default(defaultCheckParams.maxAttempts),
  idleMs: durationMs.default(defaultCheckParams.idleMs),
});

/** When weights are set. */
export const weightsSection = z.strictObject({
  historyPeriods: z.int().min(1).max(100_000).default(defaultWeightParams.historyPeriods),
  samplesPerSeries: z.int().min(1).max(10_000).default(defaultWeightParams.samplesPerSeries),
  minClosedPeriods: z.int().min(0).max(1_000).default(defaultWeightParams.minClosedPeriods),
  leadBlocks: z.int().min(1).max(10_000).default(defaultWeightParams.leadBlocks),
  maxSilenceBlocks: z.int().min(1).max(1_000_000).default(defaultWeightParams.maxSilenceBlocks),
  retryDelayMs: durationMs.default(defaultWeightParams.retryDelayMs),
  maxRetryDelayMs: durationMs.default(defaultWeightParams.maxRetryDelayMs),
  staleAfterMs: durationMs.default(defaultWeightParams.staleAfterMs),
  versionKey: z
    .union([z.int().min(0), z.string().regex(/^\d{1,20}$/, "must be a whole number")])
    .transform((value) => BigInt(value))
    .default(defaultWeightParams.versionKey),
});

/** Parameters of the scoring: a preset, and changes to it. */
export const scoringSection = z
  .strictObject({
    preset: z.enum(["VISION", "VISION_2024", "NINETEEN_2025"]).default("VISION"),
    overrides: z.looseObject({}).default({}),
  })
  .transform(({ preset, overrides }, context): ScoringParams => {
    if (preset === "VISION") return parseElsewhere(context, ["overrides"], () => visionParams(overrides as VisionOverrides));
    if (Object.keys(overrides).length > 0) {
      context.addIssue({ code: "custom", path: ["overrides"], message: `only preset VISION can be changed, not ${preset}` });
    }
    return preset === "VISION_2024" ? VISION_2024 : NINETEEN_2025;
  });

/** Changes to the protocol's tasks; parsed to the tasks in force. */
export const taskChangesSection = taskChangesSchema.transform((changes, context): TaskRegistry => {
  const registry = parseElsewhere(context, [], () => changeRegistry(createRegistry(), changes));
  if (registry !== z.NEVER && enabledTasks(registry).length === 0) {
    context.addIssue({ code: "custom", message: "no task is switched on; a validator needs at least one" });
  }
  return registry;
});

/** Runs a parser of another package; its refusal becomes a problem of this place. */
function parseElsewhere<Value>(context: z.RefinementCtx, path: readonly string[], parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!VisionError.isInstance(error)) throw error;
    context.addIssue({ code: "custom", path: [...path], message: error.message });
    return z.NEVER;
  }
}

/** Where the tasks' shares of the reward come from, and this validator's own shares by task id. */
export const taskWeightsSection = z.strictObject({
  source: z.enum(["votes", "config"]).optional(),
  shares: z.record(z.string(), z.number().min(0).max(1e12)).default({}),
});

/** How long rows are kept. */
export const retentionSection = z.strictObject({ periods: z.int().min(2).max(1_000_000).optional() });

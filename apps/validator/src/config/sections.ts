import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import { endpointsSetting, listenHost, setting } from "@vision/program";
import { changeRegistry, createRegistry, type TaskRegistry, taskChangesSchema, VisionError } from "@vision/protocol";
import { NINETEEN_2025, type ScoringParams, VISION_2024, type VisionOverrides, visionParams } from "@vision/scoring";
import { checkWorkersOf, defaultCheckParams, defaultProbingParams } from "@vision/scoring/probing";
import { z } from "zod";
import { isAddressRange } from "../domain/address-range.js";
import { defaultWeightParams } from "../domain/weight-params.js";

const fraction = z.number().min(0).max(1);
const count = z.int().min(1).max(1_000_000);
const durationMs = z.int().min(1).max(86_400_000);
const port = z.int().min(0).max(65_535);

function urlWith(protocols: readonly string[]) {
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });
}

/** As browsers write it; anything else is no page's, and would let nobody in. */
const origin = z
  .string()
  .max(256)
  .regex(
    /^(\*|null|[a-z][a-z\d+.-]*:\/\/[^/?#\sA-Z]+)$/,
    "must be * or an origin such as https://app.example, in lower case and without a path",
  );

/** An address is none: what is fetched from a host is looked for where its name leads. */
const hostName = z
  .string()
  .max(253)
  .regex(/^([a-z\d]([a-z\d-]*[a-z\d])?\.)+[a-z]([a-z\d-]*[a-z\d])?$/, "must be a host's name such as files.example, in lower case");

/** What of the chain is not its place. */
export const chainSection = z
  .strictObject({
    endpoints: endpointsSetting,
    arePrivateEndpointsAllowed: setting(z.boolean().default(false), {
      description: "Reach miners on loopback and private addresses; for development only.",
    }),
  })
  .prefault({});

/** Folder that the validator keeps its embedded database in when none is named. */
function defaultDataDir(): string {
  return join(homedir(), ".vision", "validator");
}

/** PostgreSQL: somebody else's by URL, or the embedded one in a folder. */
export const databaseSection = z
  .strictObject({
    url: setting(urlWith(["postgres:", "postgresql:"]).optional(), {
      description: "PostgreSQL of your own, `postgresql://...`, instead of the embedded one.",
      alsoVariable: "DATABASE_URL",
    }),
    dataDir: setting(z.string().min(1).default(defaultDataDir), {
      description: "Folder of the embedded database, and of results that no database took.",
      defaultText: "`~/.vision/validator`",
      isPath: true,
    }),
    maxConnections: setting(z.int().min(2).max(500).default(10), { description: "Connections to the database at a time." }),
  })
  .prefault({});

/** Where several processes count what they take of miners' capacities. */
export const redisSection = z
  .strictObject({
    url: setting(urlWith(["redis:", "rediss:"]).optional(), {
      description: "Redis that counts what all gateways of this validator take of miners, `redis://...` or `rediss://...`.",
      defaultText: "counted in this process",
    }),
  })
  .prefault({});

/** The API for users. */
export const gatewaySection = z
  .strictObject({
    isEnabled: setting(z.boolean().default(true), { description: "Serve the API for users." }),
    isSeparate: setting(z.boolean().default(false), {
      description: "Leave the API to `vision-validator gateway`, any number of processes on the same PostgreSQL and Redis.",
    }),
    host: setting(listenHost.default("127.0.0.1"), { description: "Address that the API listens on." }),
    port: setting(port.default(8080), { description: "Port of the API; 0 takes a free one." }),
    publicUrl: setting(urlWith(["http:", "https:"]).optional(), {
      description: "URL under which users reach the API, for links to pictures; left out, as their requests say.",
    }),
    announce: z
      .strictObject({
        host: setting(z.string().min(1), {
          description:
            "IP address under which others reach the API without TLS, published on the chain: miners find it for `vision-miner verdicts`.",
        }),
        port: setting(port.min(1), { description: "Port that is published on the chain." }),
      })
      .optional(),
    maxAttempts: setting(z.int().min(1).max(32).default(4), { description: "Miners that are asked in turn for one answer." }),
    affinityFactor: setting(z.number().min(1).max(100).default(2), {
      description:
        "How many times the least load of all a conversation's own miner, whose cache may hold its beginning, may have to be asked all the same; 1 for no such miners.",
    }),
    hedgeFraction: setting(z.number().min(0).max(1).default(0.05), {
      description: "Share of requests for which a second miner may be asked because the first token is late; 0 for none.",
    }),
    apiKeyCacheMs: setting(z.int().min(0).max(3_600_000).default(5_000), {
      description: "How long a key is known without a look at the database, milliseconds.",
    }),
    corsOrigins: setting(z.array(origin).max(64).default(["*"]), {
      description: "Origins of web pages that may use the API; * is all.",
    }),
    minerNames: setting(z.record(z.string().max(64), z.string().min(1).max(64)).default({}), {
      description: "What the page calls miners, by hotkey.",
    }),
    trustedProxies: setting(
      z
        .array(z.string().refine(isAddressRange, { error: "must be a range of addresses such as 10.0.0.0/8" }))
        .max(256)
        .default(["127.0.0.0/8", "::1/128"]),
      { description: "Addresses of reverse proxies whose X-Forwarded-For is believed, as ranges." },
    ),
    maxConnectionsPerAddress: setting(count.default(1_000), {
      description: "Connections of one address that is no trusted proxy.",
    }),
    strangerRequestsPerMinute: setting(count.default(600), {
      description: "Requests without a good key, public ones among them, that one address may make in a minute.",
    }),
    callBacksPerMinute: setting(z.int().min(0).max(10_000).default(60), {
      description:
        "Connections in a minute, in all, back to the own addresses of those who ask how they are reached from outside (`doctor.peer`); 0 for none.",
    }),
    pictureHosts: setting(z.array(hostName).max(64).default([]), {
      description: "Names of hosts that pictures to start from are fetched from, by https, where a request names one by its address.",
      defaultText: "none: pictures are sent with requests",
    }),
    operatorToken: setting(
      z
        .string()
        .regex(/^[\w.~+/=-]{24,512}$/, "must be 24 to 512 letters, digits or . _ ~ + / = -")
        .optional(),
      {
        description: "Opens the operator's addresses (`/v1/operator`) and their part of the page; left out, they are switched off.",
        isSecret: true,
      },
    ),
    drainMs: setting(z.int().min(0).max(86_400_000).optional(), {
      description: "Longest that answers under way may take at shutdown, milliseconds.",
      defaultText: "as long as each of them may take",
    }),
    keepAliveMs: setting(z.int().min(100).max(3_600_000).default(2_000), {
      description:
        "How long a stream may stay silent before its user is sent a comment, and the head of the answer with the first one, milliseconds.",
    }),
  })
  .prefault({});

/** Where metrics can be read. */
export const metricsSection = z
  .strictObject({
    isEnabled: setting(z.boolean().default(true), { description: "Serve metrics." }),
    host: setting(listenHost.default("127.0.0.1"), { description: "Address that metrics listen on." }),
    port: setting(port.default(9_090), { description: "Port of the metrics; 0 takes a free one." }),
  })
  .prefault({});

/** Length of a scoring period. */
export const periodSection = z
  .strictObject({
    lengthMs: setting(z.int().min(1_000).max(86_400_000).default(defaultProbingParams.periodMs), {
      description:
        "Length of a scoring period, milliseconds. Periods end at its multiples (UTC), at all validators of the same length together.",
    }),
  })
  .prefault({});

const shareBand = z
  .strictObject({ probability: fraction, from: fraction, to: fraction })
  .refine((band) => band.from <= band.to, { error: "from must not be above to" });

/** How much of each capacity is tried. */
export const probingSection = setting(
  z
    .strictObject({
      shareBands: setting(
        z
          .tuple([shareBand], shareBand)
          .refine((bands) => Math.abs(bands.reduce((sum, band) => sum + band.probability, 0) - 1) < 1e-9, {
            error: "the probabilities must sum to 1",
          })
          .default([...defaultProbingParams.shareBands]),
        { description: "With these probabilities the tried share of a capacity is drawn between two fractions." },
      ),
      bigDraws: z
        .strictObject({
          probabilityPerHour: setting(fraction.default(defaultProbingParams.bigDraws.probabilityPerHour), {
            description: "Probability that an hour tries a large share of many hotkeys at once, at all validators.",
          }),
          hotkeyFraction: setting(fraction.default(defaultProbingParams.bigDraws.hotkeyFraction), {
            description: "Share of the hotkeys that such an hour tries.",
          }),
          untriedProbabilityPerHour: setting(fraction.default(defaultProbingParams.bigDraws.untriedProbabilityPerHour), {
            description: "Probability that an hour tries all declarations that were hardly tried yet.",
          }),
          triedFraction: setting(fraction.default(defaultProbingParams.bigDraws.triedFraction), {
            description: "A declaration of which this share was tried lately needs no hurry.",
          }),
          from: setting(fraction.default(defaultProbingParams.bigDraws.from), {
            description: "Smallest share of a capacity that a large draw tries.",
          }),
          to: setting(fraction.default(defaultProbingParams.bigDraws.to), {
            description: "Largest share of a capacity that a large draw tries.",
          }),
        })
        .prefault({}),
      shareFloor: setting(
        z
          .array(z.strictObject({ capacityRequests: z.number().min(0).max(1e12), fraction }))
          .max(64)
          .default([...defaultProbingParams.shareFloor]),
        { description: "A capacity of so many typical requests a period is tried to at least that fraction; linear between the points." },
      ),
      minRequestsPerPeriod: setting(z.int().min(0).max(1_000_000).default(defaultProbingParams.minRequestsPerPeriod), {
        description: "Fewest requests planned for a miner and task, as far as the capacity allows.",
      }),
      maxRequestsPerPeriod: setting(count.default(defaultProbingParams.maxRequestsPerPeriod), {
        description: "Most requests planned for a miner and task.",
      }),
      maxConcurrentRequests: setting(count.default(defaultProbingParams.maxConcurrentRequests), {
        description: "Synthetic requests at a time over all miners.",
      }),
      maxConcurrentPerProbe: setting(count.default(defaultProbingParams.maxConcurrentPerProbe), {
        description: "Synthetic requests at a time at one miner and task.",
      }),
      sendWindowFraction: setting(z.number().gt(0).max(1).default(defaultProbingParams.sendWindowFraction), {
        description: "Share of the period in which probes are started, so that the last answers come in before it ends.",
      }),
      capacityConcurrency: setting(count.default(defaultProbingParams.capacityConcurrency), {
        description: "Miners asked for their capacities at a time.",
      }),
      capacityTimeoutMs: setting(durationMs.default(defaultProbingParams.capacityTimeoutMs), {
        description: "A capacity answer that takes longer counts as none, milliseconds.",
      }),
    })
    .prefault({}),
  { description: "The section `probing`, as JSON." },
);

/** Which answers are checked. */
export const checksSection = setting(
  z
    .strictObject({
      isOwn: setting(z.boolean().default(true), {
        description: "The validator checks answers itself; false leaves all of them to `vision-validator checker`.",
      }),
      targetPerMinerTaskPeriod: setting(z.number().min(0).max(1e6).default(defaultCheckParams.targetPerMinerTaskPeriod), {
        description: "Answers of one miner and task to be checked in a period, on average.",
      }),
      targetOfBigDraw: setting(z.number().min(0).max(1e6).default(defaultCheckParams.targetOfBigDraw), {
        description: "The same where a large share of the capacity is tried.",
      }),
      minFraction: setting(fraction.default(defaultCheckParams.minFraction), {
        description: "Checked at least with this probability, however many answers there are.",
      }),
      maxPendingPerTask: setting(count.default(defaultCheckParams.maxPendingPerTask), {
        description: "Waiting checks of one task above which each miner adds only its reserved share.",
      }),
      batchSize: setting(count.default(defaultCheckParams.batchSize), { description: "Checks claimed from the database at a time." }),
      concurrency: setting(z.int().min(1).max(64).default(checkWorkersOf(availableParallelism())), {
        description: "Checks that run at a time, each in a worker thread of its own.",
        defaultText: "one less than cores, at most 8",
      }),
      leaseMs: setting(z.int().min(1_000).max(86_400_000).default(defaultCheckParams.leaseMs), {
        description:
          "Checks of a process that died are handed out again after this time, and a reference that is silent for longer is taken to be away, milliseconds.",
      }),
      maxAttempts: setting(z.int().min(1).max(100).default(defaultCheckParams.maxAttempts), {
        description: "A check that stayed inconclusive so many times is dropped.",
      }),
      idleMs: setting(durationMs.default(defaultCheckParams.idleMs), {
        description: "How long to wait when nothing is to be checked, milliseconds.",
      }),
    })
    .prefault({}),
  { description: "The section `checks`, as JSON." },
);

/** When weights are set. */
export const weightsSection = setting(
  z
    .strictObject({
      historyPeriods: setting(z.int().min(1).max(100_000).default(defaultWeightParams.historyPeriods), {
        description: "Periods of history that scores rest on.",
      }),
      samplesPerSeries: setting(z.int().min(1).max(10_000).default(defaultWeightParams.samplesPerSeries), {
        description: "Newest samples per miner and task that quality rests on.",
      }),
      minClosedPeriods: setting(z.int().min(0).max(1_000).default(defaultWeightParams.minClosedPeriods), {
        description: "No weights are set on fewer closed periods.",
      }),
      leadBlocks: setting(z.int().min(1).max(10_000).default(defaultWeightParams.leadBlocks), {
        description: "Blocks before the epoch from which weights are set.",
      }),
      maxSilenceBlocks: setting(z.int().min(1).max(1_000_000).default(defaultWeightParams.maxSilenceBlocks), {
        description: "Silence after which the last good weights are set again, blocks.",
      }),
      retryDelayMs: setting(durationMs.default(defaultWeightParams.retryDelayMs), {
        description: "Wait after a failure, milliseconds; it doubles with every further one.",
      }),
      maxRetryDelayMs: setting(durationMs.default(defaultWeightParams.maxRetryDelayMs), {
        description: "Longest wait after failures, milliseconds.",
      }),
      staleAfterMs: setting(durationMs.default(defaultWeightParams.staleAfterMs), {
        description: "A set that another process began and never finished is taken over after this time, milliseconds.",
      }),
      versionKey: setting(
        z
          .union([z.int().min(0), z.string().regex(/^\d{1,20}$/, "must be a whole number")])
          .transform((value) => BigInt(value))
          .default(defaultWeightParams.versionKey),
        { description: "Version of the weights' meaning, at least the subnet's." },
      ),
    })
    .prefault({}),
  { description: "The section `weights`, as JSON." },
);

/** Parameters of the scoring: a preset, and changes to it. */
export const scoringSection = setting(
  z
    .strictObject({
      preset: setting(z.enum(["VISION", "VISION_2024", "NINETEEN_2025"]).default("VISION"), {
        description: "Set of scoring parameters.",
      }),
      overrides: setting(z.looseObject({}).default({}), { description: "Parameters of the preset VISION that are to be others." }),
    })
    .prefault({})
    .transform(({ preset, overrides }, context): ScoringParams => {
      if (preset === "VISION") return parseElsewhere(context, ["overrides"], () => visionParams(overrides as VisionOverrides));
      if (Object.keys(overrides).length > 0) {
        context.addIssue({ code: "custom", path: ["overrides"], message: `only preset VISION can be changed, not ${preset}` });
      }
      return preset === "VISION_2024" ? VISION_2024 : NINETEEN_2025;
    }),
  { description: "The section `scoring`, as JSON." },
);

/** Changes to the protocol's tasks; parsed to the tasks in force. */
export const taskChangesSection = setting(
  taskChangesSchema
    .prefault({})
    .transform((changes, context): TaskRegistry => parseElsewhere(context, [], () => changeRegistry(createRegistry(), changes))),
  { description: "Tasks added, changed, or switched off, by task id." },
);

/** Tasks that can change while the validator runs. */
export const tasksFileSetting = setting(z.string().min(1).optional(), {
  description:
    "File of tasks, references and shares, put over this configuration and read again while the validator runs; see [tasks](../validating/tasks.md).",
  defaultText: "`tasks.json` in `database.dataDir`",
  isPath: true,
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
export const taskWeightsSection = z
  .strictObject({
    source: setting(z.enum(["votes", "config"]).optional(), {
      description: "Task weights by votes (the validators' on chain) or config (the shares below).",
      defaultText: "votes, unless shares are given",
    }),
    shares: setting(z.record(z.string(), z.number().min(0).max(1e12)).default({}), {
      description: "Own shares of the reward by task id, of any scale; tasks left out get none.",
    }),
  })
  .prefault({});

/** How long rows are kept. */
export const retentionSection = z
  .strictObject({
    periods: setting(z.int().min(2).max(1_000_000).optional(), {
      description: "Periods that results, samples and reports are kept for; at least `weights.historyPeriods`.",
      defaultText: "`weights.historyPeriods` and 24 more",
    }),
  })
  .prefault({});

/** What the validator's own requests are drawn from, beside what it makes up. */
export const syntheticRequestsSection = z
  .strictObject({
    keepSharedHours: setting(z.int().min(1).max(8_760).default(168), {
      description: "How long requests of keys that share them are kept, hours; see [distinguishing](../validating/distinguishing.md).",
    }),
    writtenPerTask: setting(z.int().min(0).max(5_000).default(150), {
      description:
        "Conversations that the model of each task of text writes for the validator's own requests, by its reference; 0 for none. See [distinguishing](../validating/distinguishing.md#written-by-the-tasks-own-model).",
    }),
    keepWrittenHours: setting(z.int().min(1).max(8_760).default(24), {
      description: "How long conversations that a model wrote are drawn from, hours; those that several miners know go earlier.",
    }),
    file: setting(z.string().min(1).optional(), {
      description: "File of JSON lines, each the body of a request with a task's id as its `model`: a public set of prompts, for instance.",
      isPath: true,
    }),
  })
  .prefault({});

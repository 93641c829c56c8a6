#!/usr/bin/env node
import { parseArgs } from "node:util";
import { VisionError } from "@vision/protocol";
import { z } from "zod";
import { createDevnet } from "./create-devnet.js";
import { developmentAccounts } from "./devnet-options.js";

const help = `vision-devnet - a development subtensor node

Usage: vision-devnet [options]

  --host HOST              address to listen on            (127.0.0.1)
  --port PORT              port to listen on, 0 = any      (9944)
  --block-time MS          milliseconds between blocks     (1000)
  --instant                a block as soon as there is an extrinsic, none otherwise
  --manual                 blocks only through dev_newBlock
  --state DIR              keep the chain in a directory and go on from it
  --netuid N               the subnet that exists at first (2)
  --tempo BLOCKS           its tempo                       (20)
  --commit-reveal          its weights are committed and revealed
  --weights-rate BLOCKS    its weights rate limit          (5)
  --immunity BLOCKS        its immunity period             (100)
  --max-uids N             its places                      (256)
  --stake-threshold RAO    stake that weights need         (0)
  --help
`;

const wholeNumber = z.string().regex(/^\d+$/, "must be a whole number").transform(Number);

const schema = z.object({
  host: z.string().default("127.0.0.1"),
  port: wholeNumber.pipe(z.number().max(65_535)).default(9944),
  "block-time": wholeNumber.pipe(z.number().min(10)).default(1000),
  instant: z.boolean().default(false),
  manual: z.boolean().default(false),
  state: z.string().optional(),
  netuid: wholeNumber.pipe(z.number().min(1).max(4095)).default(2),
  tempo: wholeNumber.pipe(z.number().min(1).max(65_535)).default(20),
  "commit-reveal": z.boolean().default(false),
  "weights-rate": wholeNumber.default(5),
  immunity: wholeNumber.pipe(z.number().max(65_535)).default(100),
  "max-uids": wholeNumber.pipe(z.number().min(1).max(65_535)).default(256),
  "stake-threshold": z.string().regex(/^\d+$/, "must be a whole number of RAO").default("0").transform(BigInt),
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: "string" },
      port: { type: "string" },
      "block-time": { type: "string" },
      instant: { type: "boolean" },
      manual: { type: "boolean" },
      state: { type: "string" },
      netuid: { type: "string" },
      tempo: { type: "string" },
      "commit-reveal": { type: "boolean" },
      "weights-rate": { type: "string" },
      immunity: { type: "string" },
      "max-uids": { type: "string" },
      "stake-threshold": { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return;
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  --${path.join(".")}: ${message}`);
    throw new VisionError({ code: "CONFIG_INVALID", message: `Options are invalid:\n${problems.join("\n")}` });
  }
  const options = parsed.data;
  const production = options.manual ? "manual" : options.instant ? "instant" : "timer";
  const devnet = await createDevnet({
    host: options.host,
    port: options.port,
    blockTimeMs: options["block-time"],
    production,
    ...(options.state === undefined ? {} : { stateDirectory: options.state }),
    stakeThresholdRao: options["stake-threshold"],
    subnets: [
      {
        netuid: options.netuid,
        hyperparameters: {
          tempoBlocks: options.tempo,
          isCommitRevealEnabled: options["commit-reveal"],
          weightsRateLimitBlocks: BigInt(options["weights-rate"]),
          immunityPeriodBlocks: options.immunity,
          maxUids: options["max-uids"],
        },
      },
    ],
  });
  const { number } = devnet.chain.head.header;
  process.stdout.write(
    `vision-devnet at ${devnet.url}, block ${number}, blocks ${production === "timer" ? `every ${options["block-time"]} ms` : `by ${production}`}\n` +
      `subnet ${options.netuid}; funded keys: ${developmentAccounts.join(" ")}\n`,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void devnet.close().then(() => process.exit(0)));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

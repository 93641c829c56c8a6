import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { blockContexts } from "./block-contexts.js";
import { checkJsonBlock, type JsonKind } from "./check-json-block.js";
import { checkShellBlock } from "./check-shell-block.js";
import { readBlocks } from "./read-blocks.js";
import { typecheckBlocks } from "./typecheck-blocks.js";

const root = join(import.meta.dirname, "..", "..");
const blocks = readBlocks(root);
const ofLanguage = (...languages: readonly string[]) => blocks.filter(({ language }) => languages.includes(language));

const jsonKinds: Readonly<Record<string, JsonKind>> = {
  "docs/mining/mainnet.md#3": { kind: "miner" },
  "docs/mining/mainnet.md#4": { kind: "miner" },
  "docs/mining/quickstart.md#2": { kind: "miner" },
  "docs/mining/quickstart.md#6": { kind: "backend" },
  "docs/protocol.md#4": { kind: "capacityRequest" },
  "docs/protocol.md#5": { kind: "capacityResponse" },
  "docs/validating/mainnet.md#5": { kind: "validator" },
  "docs/validating/quickstart.md#3": { kind: "validator" },
  "docs/validating/real-models.md#2": { kind: "validator", replaced: { "what sha256sum printed": "0".repeat(64) } },
  "docs/validating/real-models.md#3": { kind: "miner" },
  "docs/validating/real-models.md#6": { kind: "reference" },
  "docs/validating/tasks.md#1": { kind: "tasks" },
};

/** The blocks that no check above reads: what else holds them to the code, or why nothing does. */
const formula = "a formula in words; packages/scoring/test/documentation.test.ts holds its constants and worked numbers to the code";
const signed = "the bytes that are signed, in words; the vectors of @vision/signing hold them";
const others: Readonly<Record<string, string>> = {
  "README.md#2": "what a run printed, by hand from a real one: no two are alike",
  "docs/architecture.md#1": "a drawing; npm run boundaries holds the code to the same law",
  "docs/architecture.md#2": "a drawing; npm run boundaries holds the code to the same layers",
  "docs/chain.md#2": "the bytes of a vote, in words; the vectors of @vision/chain hold them",
  "docs/protocol.md#1": signed,
  "docs/protocol.md#2": signed,
  "docs/protocol.md#3": signed,
  "docs/reference/doctor.md#1": "an excerpt of what doctor printed; its words are tested beside each check",
  "docs/scoring.md#1": "a drawing",
  "docs/scoring.md#2": formula,
  "docs/scoring.md#3": formula,
  "docs/scoring.md#4": formula,
  "docs/scoring.md#5": formula,
  "docs/scoring.md#6": formula,
  "docs/scoring.md#7": formula,
  "docs/scoring.md#8": formula,
  "docs/scoring.md#9": formula,
  "docs/scoring.md#10": formula,
  "docs/scoring.md#11": formula,
  "docs/scoring.md#12": formula,
  "docs/scoring.md#13": formula,
  "docs/validating/checkers.md#2": "apps/validator/test/checker-program.test.ts runs it on PostgreSQL",
  "docs/validating/mainnet.md#3": "makes a role and a database on a server of the reader's own; nothing runs it",
  "docs/validating/quickstart.md#5": "run-blocks.test.ts compares it with what the program prints",
};

describe("blocks of code in the pages", () => {
  it("of TypeScript and JavaScript are right by the packages' types", () => {
    expect(typecheckBlocks(ofLanguage("ts", "js"), { root, contexts: blockContexts })).toEqual([]);
  });

  it("of JSON are what the programs read", () => {
    const wrong = ofLanguage("json").flatMap(({ id, text }) => {
      const kind = jsonKinds[id];
      return kind === undefined ? [`${id}: say in this test what it is`] : checkJsonBlock(text, kind).map((problem) => `${id}: ${problem}`);
    });
    expect(wrong).toEqual([]);
  });

  it("of shell name commands, flags, files, routes and variables that are there", () => {
    expect(ofLanguage("sh").flatMap((block) => checkShellBlock(block).map((problem) => `${block.id}: ${problem}`))).toEqual([]);
  });

  it.each([
    ["a command", "vision-miner strat --config miner.json"],
    ["a command below one", "vision-validator keys invent"],
    ["a flag", "vision-validator run --confg validator.json"],
    ["a flag of a script", "npm run roc -- --pears embedded"],
    ["a script", "npm run labs"],
    ["a workspace", "npm run build -- --filter=@vision/minor-app"],
    ["a file", "node apps/miner/main.js run"],
    ["a route", "curl http://127.0.0.1:8091/v1/statues"],
    ["a variable", "export VISION_VALIDATOR_CONFIGURATION=x"],
    ["a program", "vision-minor run"],
    ["a command behind another", "npm install && npm run nothing"],
  ])("of shell with %s that is not there are found", (_what, text) => {
    expect(checkShellBlock({ id: "", file: "README.md", language: "sh", text })).toHaveLength(1);
  });

  it("of anything else are named with what else checks them, or why nothing does", () => {
    const left = blocks.filter(({ language }) => !["ts", "js", "json", "sh"].includes(language)).map(({ id }) => id);
    expect(left).toEqual(Object.keys(others));
  });
});

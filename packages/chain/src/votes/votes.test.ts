import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createFakeChain } from "../testing/create-fake-chain.js";
import { readVotes } from "./read-votes.js";
import { tallyVotes } from "./tally-votes.js";
import { createVote, shareOut, VOTE_TOTAL_PPM } from "./vote.js";
import { decodeVote, encodeVote } from "./vote-bytes.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const tasks = ["chat-tiny", "completion-tiny", "image-tiny"];
const defaultWeightsPpm = { "chat-tiny": 400_000, "completion-tiny": 250_000, "image-tiny": 350_000, "chat-llama": 300_000 };
const record = (map: ReadonlyMap<string, number>) => Object.fromEntries(map);
const sum = (map: ReadonlyMap<string, number>) => [...map.values()].reduce((total, ppm) => total + ppm, 0);

describe("vote bytes", () => {
  // The normative vectors of docs/chain.md.
  it.each([
    [{ "chat-tiny": 1 }, "560101 09 636861742d74696e79 c0843d"],
    [{ "image-tiny": 0.4, "chat-tiny": 0.6 }, "560102 09 636861742d74696e79 c0cf24 0a 696d6167652d74696e79 80b518"],
    [{ a: 1, b: 127, c: 999_872 }, "560103 01 61 01 01 62 7f 01 63 c0833d"],
  ])("are the documented ones for %j", (shares, expected) => {
    const vote = createVote(shares);
    expect(hex(encodeVote(vote))).toBe(expected.replaceAll(" ", ""));
    expect(decodeVote(encodeVote(vote))).toEqual({ ok: true, vote });
  });

  it.each([
    ["empty", ""],
    ["something else", "68656c6c6f"],
    ["another version", "560201 01 61 c0843d"],
    ["no tasks", "560100"],
    ["weights that do not sum to the whole", "560101 01 61 c1843d"],
    ["a zero weight", "560102 01 61 00 01 62 c0843d"],
    ["a weight in too many bytes", "560102 01 61 8100 01 62 bf843d"],
    ["tasks out of order", "560102 01 62 01 01 61 bf843d"],
    ["a task twice", "560102 01 61 01 01 61 bf843d"],
    ["a malformed id", "560101 01 41 c0843d"],
    ["bytes left over", "560101 01 61 c0843d 00"],
    ["an end too early", "560101 05 61"],
  ])("refuse %s", (_name, text) => {
    expect(decodeVote(bytes(text))).toMatchObject({ ok: false });
  });

  it("never throw, and take only what encodes to itself", () => {
    const prefix = fc.constantFrom("", "5601", "560101", "56010101");
    fc.assert(
      fc.property(prefix, fc.uint8Array({ maxLength: 40 }), (start, rest) => {
        const input = Uint8Array.from([...bytes(start), ...rest]);
        const decoded = decodeVote(input);
        if (decoded.ok) expect(encodeVote(decoded.vote)).toEqual(input);
      }),
    );
  });

  it("fit the default tasks into a Raw128 field, and refuse a vote above 512 bytes", () => {
    expect(encodeVote(createVote(defaultWeightsPpm)).length).toBeLessThanOrEqual(128);
    const many = Object.fromEntries(Array.from({ length: 40 }, (_unused, index) => [`a-task-with-a-long-name-${index}`, 1]));
    expect(() => encodeVote(createVote(many))).toThrow(expect.objectContaining({ code: "CHAIN_INVALID_VOTE" }));
  });
});

describe("createVote", () => {
  it("scales to exactly one million and leaves out zeros", () => {
    expect(record(createVote({ b: 1, a: 1, c: 1, d: 0 }))).toEqual({ a: 333_334, b: 333_333, c: 333_333 });
  });

  it.each([[{}], [{ a: 0 }], [{ a: -1, b: 2 }], [{ a: Number.NaN }], [{ a: Number.POSITIVE_INFINITY }]])("refuses %j", (shares) => {
    expect(() => createVote(shares)).toThrow(expect.objectContaining({ code: "CHAIN_INVALID_VOTE" }));
  });
});

describe("tallyVotes", () => {
  const vote = (shares: Record<string, number>) => createVote(shares);

  it("weights votes by stake, and counts the default for who has none", () => {
    const tally = tallyVotes({
      votes: new Map([["v1", vote({ "chat-tiny": 1 })]]),
      stakes: new Map([
        ["v1", 300n],
        ["v2", 100n],
      ]),
      defaultWeightsPpm,
      knownTasks: tasks,
    });
    expect(record(tally.weightsPpm)).toEqual({ "chat-tiny": 850_000, "completion-tiny": 62_500, "image-tiny": 87_500 });
    expect(tally.ballots.map((ballot) => ballot.source)).toEqual(["vote", "default"]);
  });

  it("ignores unknown tasks, and a vote for unknown tasks alone is no vote", () => {
    const stakes = new Map([["v1", 5n]]);
    const known = tallyVotes({
      votes: new Map([["v1", vote({ "chat-tiny": 1, other: 3 })]]),
      stakes,
      defaultWeightsPpm,
      knownTasks: tasks,
    });
    expect(known.weightsPpm.get("chat-tiny")).toBe(VOTE_TOTAL_PPM);
    const unknown = tallyVotes({ votes: new Map([["v1", vote({ other: 3 })]]), stakes, defaultWeightsPpm, knownTasks: tasks });
    expect(unknown.ballots[0]?.source).toBe("default");
    expect(unknown.weightsPpm.get("chat-tiny")).toBe(400_000);
  });

  it("does not count votes without stake or permit", () => {
    const votes = new Map([["stranger", vote({ "chat-tiny": 1 })]]);
    const tally = tallyVotes({ votes, stakes: new Map([["v1", 0n]]), defaultWeightsPpm, knownTasks: tasks });
    expect(tally.ballots).toEqual([]);
    expect(tally.weightsPpm.get("chat-tiny")).toBe(400_000);
  });

  it("gives equal shares when the default knows none of the tasks, and nothing without tasks", () => {
    const input = { votes: new Map(), stakes: new Map(), defaultWeightsPpm: {} };
    expect(record(tallyVotes({ ...input, knownTasks: ["a", "b"] }).weightsPpm)).toEqual({ a: 500_000, b: 500_000 });
    expect(tallyVotes({ ...input, knownTasks: [] }).weightsPpm.size).toBe(0);
  });

  it("always sums to one million, whatever the order of the inputs", () => {
    const share = fc.dictionary(fc.constantFrom(...tasks, "other"), fc.nat(1000), { minKeys: 1 });
    const voters = fc.array(fc.tuple(share, fc.bigInt({ min: 0n, max: 10n ** 18n })), { maxLength: 12 });
    fc.assert(
      fc.property(voters, (entries) => {
        const named = entries.map(([shares, stake], index) => ({ hotkey: `v${index}`, shares, stake }));
        const tallyOf = (list: typeof named) =>
          tallyVotes({
            votes: new Map(
              list
                .filter(({ shares }) => Object.values(shares).some((value) => value > 0))
                .map(({ hotkey, shares }) => [hotkey, createVote(shares)]),
            ),
            stakes: new Map(list.map(({ hotkey, stake }) => [hotkey, stake])),
            defaultWeightsPpm,
            knownTasks: tasks,
          });
        const tally = tallyOf(named);
        expect(sum(tally.weightsPpm)).toBe(VOTE_TOTAL_PPM);
        expect(tallyOf([...named].reverse())).toEqual(tally);
      }),
    );
  });
});

describe("shareOut", () => {
  it("gives what rounding leaves over to the largest remainders, then to the first id", () => {
    const amounts = new Map([
      ["c", 1n],
      ["a", 1n],
      ["b", 1n],
    ]);
    expect([...shareOut(amounts)]).toEqual([
      ["a", 333_334],
      ["b", 333_333],
      ["c", 333_333],
    ]);
  });
});

describe("readVotes", () => {
  it("reads the votes of validators with a permit, and a malformed one changes nothing", async () => {
    const chain = createFakeChain({
      neurons: [
        { hotkey: "v0", hasValidatorPermit: true, stakeRao: 10n },
        { hotkey: "v1", hasValidatorPermit: true, stakeRao: 20n },
        { hotkey: "miner", stakeRao: 99n },
      ],
    });
    const signer = (address: string) => ({ address, publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) });
    await chain.setCommitment({ netuid: 1, bytes: encodeVote(createVote({ "chat-tiny": 1 })), signer: signer("v0") });
    await chain.setCommitment({ netuid: 1, bytes: new TextEncoder().encode("my model card"), signer: signer("v1") });
    await chain.setCommitment({ netuid: 1, bytes: encodeVote(createVote({ "image-tiny": 1 })), signer: signer("miner") });
    const { hash } = await chain.getBlock();
    const read = await readVotes(chain, 1, { atBlockHash: hash });
    expect([...read.votes.keys()]).toEqual(["v0"]);
    expect([...read.malformed]).toEqual([["v1", "it is not a vote"]]);
    expect([...read.stakes]).toEqual([
      ["v0", 10n],
      ["v1", 20n],
    ]);
  });
});

/** How a miner of the local subnet behaves, in front of the embedded models. */
export type Behaviour = {
  /** Paces answers to this share of the task's target speed; null: as fast as it can. */
  readonly paceFraction: number | null;
  /** Share of the requests that end in an error, 0 to 1. */
  readonly failingFraction: number;
  /** Uses a smaller language model than the task names, and half of the image steps. */
  readonly hasCheaperModel: boolean;
  /** Serves the task's model with fewer bits a weight. */
  readonly hasFewerBits: boolean;
  /** Writes half of what was asked for and calls it the end. */
  readonly isCutShort: boolean;
  /** Draws with a seed of its own. */
  readonly hasOwnSeed: boolean;
  /** Is full above this multiple of the base capacity; null: no limit of its own. */
  readonly limitCapacityFactor: number | null;
  /** Name of the machine behind it, where other hotkeys stand in front of the same one: the limit is what they can do together. */
  readonly sharedMachine: string | null;
  /** What a request gets while it is full: "busy", or an answer that was made for another one. */
  readonly overflow: "refuse" | "junk";
};

/** One miner of the local subnet. Factors are multiples of the base capacity that localnet gives a task. */
export type Profile = {
  readonly name: string;
  readonly description: string;
  readonly isHonest: boolean;
  /** What it can really do. */
  readonly trueCapacityFactor: number;
  /** What it says that it can do. */
  readonly declaredCapacityFactor: number;
  /** Requests that it works on at a time, per task. */
  readonly concurrency: number;
  readonly behaviour: Behaviour;
};

const plain: Behaviour = {
  paceFraction: null,
  failingFraction: 0,
  hasCheaperModel: false,
  hasFewerBits: false,
  isCutShort: false,
  hasOwnSeed: false,
  limitCapacityFactor: null,
  sharedMachine: null,
  overflow: "refuse",
};

function profile(name: string, description: string, changes: Partial<Omit<Profile, "name" | "description">>): Profile {
  return {
    name,
    description,
    isHonest: true,
    trueCapacityFactor: 1,
    declaredCapacityFactor: 1,
    concurrency: 8,
    behaviour: plain,
    ...changes,
  };
}

const onSharedMachine = { isHonest: false, behaviour: { ...plain, limitCapacityFactor: 1, sharedMachine: "twins" } };

/** The miners of the local subnet: five honest ones that differ, and six that should not get away with it, two of them one operator's. */
export const profiles: readonly Profile[] = [
  profile("fast-1", "honest and fast", {}),
  profile("fast-2", "honest and fast", {}),
  profile("slow", "honest and slow", { behaviour: { ...plain, paceFraction: 0.35 } }),
  profile("small", "honest with little capacity", { trueCapacityFactor: 1 / 3, declaredCapacityFactor: 1 / 3 }),
  profile("limiting", "honest, rate limits when full", { concurrency: 1, behaviour: { ...plain, paceFraction: 0.9 } }),
  profile("over-declaring", "declares ten times what it can do", {
    isHonest: false,
    declaredCapacityFactor: 10,
    behaviour: { ...plain, limitCapacityFactor: 1 },
  }),
  profile("junk-when-full", "declares four times what it can do, and answers the rest with what it answered others", {
    isHonest: false,
    declaredCapacityFactor: 4,
    behaviour: { ...plain, limitCapacityFactor: 1, overflow: "junk" },
  }),
  profile("one-machine-a", "one machine behind two hotkeys: this one declares all of it", onSharedMachine),
  profile("one-machine-b", "one machine behind two hotkeys: this one declares all of it too", onSharedMachine),
  profile("cheaper-model", "answers with a cheaper model than the task names", {
    isHonest: false,
    behaviour: { ...plain, hasCheaperModel: true },
  }),
  profile("failing", "fails 30 % of requests", { isHonest: false, behaviour: { ...plain, failingFraction: 0.3 } }),
];

/**
 * Requests at a time of a miner on a real model: as many as a slow machine makes overlap, so that its being slow is a matter of speed, and
 * of no refusal that an honest miner would pay for.
 */
export const REAL_SLOTS = 8;

function cheat(name: string, description: string, behaviour: Partial<Behaviour>): Profile {
  return profile(name, description, { isHonest: false, concurrency: REAL_SLOTS, behaviour: { ...plain, ...behaviour } });
}

/** The miners of a subnet on a real model: two honest ones, and four that save work or have another mind than the task's. */
export const realProfiles: readonly Profile[] = [
  profile("honest-1", "honest", { concurrency: REAL_SLOTS }),
  profile("honest-2", "honest", { concurrency: REAL_SLOTS }),
  cheat("fewer-bits", "serves the model with 3 bits a weight", { hasFewerBits: true }),
  cheat("other-model", "answers with another, smaller model", { hasCheaperModel: true }),
  cheat("cut-short", "writes half of what was asked for and calls it the end", { isCutShort: true }),
  cheat("own-seed", "draws with a seed of its own", { hasOwnSeed: true }),
];

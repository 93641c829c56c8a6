import type { ReferenceEngine } from "./reference-engine.js";

/**
 * Several engines as one: each call goes to the one with the fewest calls under way, the first of them where several have as few. So
 * an engine that is not needed is not made, and its models are not loaded.
 *
 * @param size - Most engines at a time, 1 or more.
 */
export function createEnginePool(size: number, createEngine: () => ReferenceEngine): ReferenceEngine {
  const members: { readonly engine: ReferenceEngine; underWay: number }[] = [];

  const choose = () => {
    const idle = members.find(({ underWay }) => underWay === 0);
    if (idle !== undefined) return idle;
    if (members.length < size) {
      const member = { engine: createEngine(), underWay: 0 };
      members.push(member);
      return member;
    }
    return members.reduce((least, member) => (member.underWay < least.underWay ? member : least));
  };

  const run = async <Result>(call: (engine: ReferenceEngine) => Promise<Result>): Promise<Result> => {
    const member = choose();
    member.underWay += 1;
    try {
      return await call(member.engine);
    } finally {
      member.underWay -= 1;
    }
  };

  return {
    score: (model, options) => run((engine) => engine.score(model, options)),
    embed: (model, options) => run((engine) => engine.embed(model, options)),
    generateText: (model, options) => run((engine) => engine.generateText(model, options)),
    generateImage: (model, options) => run((engine) => engine.generateImage(model, options)),
    async close() {
      await Promise.all(members.splice(0).map(({ engine }) => engine.close()));
    },
  };
}

import { runInContext, runInNewContext } from "node:vm";
import { TestEnvironment } from "jest-environment-node";

// Fake timers put another Date in its place; the others cannot be declared.
const REPLACEABLE = new Set(["Date", "console", "eval", "globalThis"]);

/** What the language itself brings: Math, Number, Map, JSON... */
const builtIns = runInNewContext(
  "Object.entries(Object.getOwnPropertyDescriptors(globalThis)).filter(([, { configurable }]) => configurable).map(([name]) => name)",
).filter((name) => /^\w+$/.test(name) && !REPLACEABLE.has(name));

/**
 * Jest's environment for Node, in which the language's own globals are found as fast as outside of it. In the context that Jest makes, each
 * mention of `Math` asks an interceptor and a proxy: 0.4 us, and four fifths of the time of all tests that calculate. Declared constants are
 * looked up before the global object.
 */
export default class FastGlobalsEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    runInContext(`const { ${builtIns.join(", ")} } = globalThis;`, this.getVmContext());
  }
}

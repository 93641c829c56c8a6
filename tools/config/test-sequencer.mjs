import TestSequencer from "@jest/test-sequencer";

/**
 * Jest's order, slowest first, also where no run before has told what is slow: what stands in a `test` folder starts programs and waits for
 * them, and one of those that begins last keeps one core busy long after the other has nothing left.
 */
export default class SlowestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLikelySlow = ({ duration, path }) => duration === undefined && /[\\/]test[\\/]/.test(path);
    return [...sorted.filter(isLikelySlow), ...sorted.filter((test) => !isLikelySlow(test))];
  }
}

// Jest reporter that tells whoever started the run how it ended, before Jest waits for what its tests left open.
export default class TellEndReporter {
  onRunComplete(_contexts, results) {
    // Jest sets `success` only afterwards.
    const isGood =
      results.numFailedTests === 0 && results.numRuntimeErrorTestSuites === 0 && !results.snapshot.failure && !results.wasInterrupted;
    process.send?.({ kind: "run complete", isGood });
  }
}

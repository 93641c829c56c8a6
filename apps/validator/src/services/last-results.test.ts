import { describe, expect, it } from "@jest/globals";
import type { SpooledResult } from "../ports/index.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { aResult } from "../testing/store-samples.js";
import { writeLastResults } from "./last-results.js";

describe("the last results", () => {
  it("were not kept until a database that hung let its statement go: they are after two seconds", async () => {
    const pending = [{ result: aResult("r1"), check: null }];
    const saved: SpooledResult[] = [];
    const logger = recordingLogger();
    await writeLastResults({
      results: { flush: () => new Promise<void>(() => undefined), pending: () => pending, size: pending.length },
      spool: {
        save: (entries) => saved.push(...entries),
        async *read() {},
        clear: async () => undefined,
      },
      logger,
    });
    expect(saved).toEqual(pending);
    expect(logger.lines.at(-1)).toMatchObject({ level: "warn", facts: { kept: 1, lost: 0 } });
  });
});

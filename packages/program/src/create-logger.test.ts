import { describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { createLogger } from "./create-logger.js";

function logged(use: (logger: ReturnType<typeof createLogger>) => void): readonly Record<string, unknown>[] {
  const lines: string[] = [];
  use(createLogger({ level: "info", destination: { write: (line) => lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("createLogger", () => {
  it("writes one JSON line with level, time, message and facts", () => {
    const [line] = logged((logger) => logger.info("Weights set", { block: 12, minerCount: 3, stake: 10n }));
    expect(line).toMatchObject({ level: "info", message: "Weights set", block: 12, minerCount: 3, stake: "10" });
    expect(Date.parse(String(line?.["time"]))).not.toBeNaN();
  });

  it("leaves out lines below its level", () => {
    expect(logged((logger) => logger.debug("noise"))).toEqual([]);
  });

  it("describes errors by code and cause and leaves credentials out", () => {
    const error = new VisionError({
      code: "STORE_UNREACHABLE",
      message: "Cannot reach postgresql://vision:hunter2@db:5432/vision.",
      cause: new Error("refused by redis://:hunter2@cache"),
    });
    const lines = logged((logger) => logger.error("Store lost", { error, url: "wss://user:hunter2@node/" }));
    expect(JSON.stringify(lines)).not.toContain("hunter2");
    expect(lines[0]).toMatchObject({
      error: { code: "STORE_UNREACHABLE", cause: { message: "refused by redis://cache" } },
      url: "wss://node/",
    });
  });
});

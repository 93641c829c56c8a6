import { createServer } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { checkListener } from "./check-listener.js";
import { checkNames } from "./check-names.js";
import { type DoctorReport, doctorExitCode, doctorReportSchema, renderDoctorReport, worstStatus } from "./doctor-report.js";
import { type DoctorCheck, fail, judgePart, ok, warn } from "./finding.js";
import { judgeClock, judgeHead } from "./judge-chain-time.js";
import { runChecks } from "./run-checks.js";

const { signal } = new AbortController();
const forever = () => new Promise<never>(() => {});
/** Time is up at once for checks of this limit; for the others never. */
const timeIsUpFor = (limitMs: number) => (afterMs: number, callback: () => void) => {
  if (afterMs === limitMs) callback();
  return () => {};
};

describe("runChecks", () => {
  it("makes a line of its own of a check that hangs or throws, and leaves the others alone", async () => {
    let told: AbortSignal | null = null;
    const checks: readonly DoctorCheck[] = [
      {
        name: "hangs",
        timeLimitMs: 7_000,
        run(limit) {
          told = limit;
          return forever();
        },
      },
      {
        name: "throws",
        run: () => {
          throw new Error("no postgres://me:hunter2@db");
        },
      },
      { name: "rejects", run: () => Promise.reject(new VisionError({ code: "STORE_UNREACHABLE", message: "Away." })) },
      { name: "fine", run: async () => ok("well") },
    ];
    expect(await runChecks(checks, { signal, startTimer: timeIsUpFor(7_000) })).toEqual([
      { check: "hangs", status: "fail", detail: "no answer within 7 s", advice: expect.any(String) },
      { check: "throws", status: "fail", detail: "no postgres://db", advice: expect.any(String) },
      { check: "rejects", status: "fail", detail: "Away.", advice: expect.stringContaining("STORE_UNREACHABLE") },
      { check: "fine", status: "ok", detail: "well", advice: null },
    ]);
    expect(told).toMatchObject({ aborted: true });
  });

  it("runs them side by side", async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const waits = { name: "waits", run: () => gate.then(() => ok("after the other")) };
    const opens = {
      name: "opens",
      run: async () => {
        open();
        return ok("first");
      },
    };
    const lines = await runChecks([waits, opens], { signal, startTimer: timeIsUpFor(-1) });
    expect(lines.map(({ detail }) => detail)).toEqual(["after the other", "first"]);
  });
});

describe("judgePart", () => {
  it("says in one line that a part is missing, and judges one that is there", async () => {
    const missing = Promise.reject(new Error("a long story"));
    const judge = (part: number) => ok(`is ${part}`);
    expect(await judgePart({ name: "chain", part: missing }, judge)).toMatchObject({ status: "fail", advice: 'See the line "chain".' });
    expect(await judgePart({ name: "chain", part: Promise.resolve(3) }, judge)).toEqual(ok("is 3"));
  });
});

describe("judgeClock and judgeHead", () => {
  const headSeconds = 1_763_000_000;
  const at = (aheadSeconds: number) => ({ wallMs: (headSeconds + aheadSeconds) * 1_000, headSeconds, blockNumber: 7 });

  it.each([
    [-60, "fail"],
    [-5, "warn"],
    [0, "ok"],
    [13, "ok"],
    [90, "warn"],
  ] as const)("judge a clock %d s after the newest block: %s", (aheadSeconds, status) => {
    expect(judgeClock(at(aheadSeconds)).status).toBe(status);
  });

  it("tell a node that stands or still syncs from one at the head", () => {
    expect(judgeHead(at(40), "wss://node")).toEqual(ok("wss://node, block 7"));
    expect(judgeHead(at(7_300), "wss://node")).toMatchObject({ status: "fail", detail: expect.stringContaining("2 h old") });
  });
});

describe("checkNames", () => {
  const resolveName = async (host: string) => {
    if (host === "nowhere.test") throw new Error("ENOTFOUND");
  };

  it("looks up every name once, and no address", async () => {
    const asked: string[] = [];
    const urls = ["ws://127.0.0.1:9944", "ws://[::1]:9944", "wss://node.test", "wss://node.test:444"];
    const check = checkNames(urls, async (host) => asked.push(host));
    expect(await check.run(signal)).toMatchObject({ status: "ok" });
    expect(asked).toEqual(["node.test"]);
  });

  it("names those that are not found", async () => {
    const found = await checkNames(["wss://node.test", "wss://nowhere.test"], resolveName).run(signal);
    expect(found).toMatchObject({ status: "fail", detail: "no address for nowhere.test" });
  });
});

describe("checkListener", () => {
  const base = { name: "port", section: "listen", host: "127.0.0.1", identify: async () => null };

  it("tells a free port, one that is taken, by whom, and an address of another machine", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    try {
      const stranger = await checkListener({ ...base, port }).run(signal);
      expect(stranger).toMatchObject({ status: "fail", advice: expect.stringContaining("listen.port") });
      const own = await checkListener({ ...base, port, identify: async () => ok("it is ours") }).run(signal);
      expect(own).toEqual(ok("it is ours"));
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    expect(await checkListener({ ...base, port }).run(signal)).toMatchObject({ status: "ok" });
    const elsewhere = await checkListener({ ...base, host: "203.0.113.7", port }).run(signal);
    expect(elsewhere).toMatchObject({ status: "fail", detail: "203.0.113.7 is no address of this machine" });
  });
});

describe("a report", () => {
  const lines = [
    { check: "wallet", ...ok("good") },
    { check: "names", ...warn("slow", "wait") },
    { check: "database", ...fail("away", "start it") },
  ];
  const report = (some: DoctorReport["lines"]): DoctorReport => ({
    program: "vision-miner",
    version: "1.2.3",
    status: worstStatus(some),
    lines: some,
  });

  it("fails a script only for a failure", () => {
    expect([0, 1, 2, 3].map((count) => doctorExitCode(report(lines.slice(0, count))))).toEqual([0, 0, 0, 1]);
    expect([0, 1, 2, 3].map((count) => report(lines.slice(0, count)).status)).toEqual(["ok", "ok", "warn", "fail"]);
  });

  it("is a line for each check, with what to do below it, and fits its schema", () => {
    expect(renderDoctorReport(report(lines))).toBe(
      ["ok    wallet    good", "warn  names     slow", "                wait", "fail  database  away", "                start it"].join(
        "\n",
      ),
    );
    expect(doctorReportSchema.parse(report(lines))).toEqual(report(lines));
  });
});

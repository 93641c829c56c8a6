import { describe, expect, it } from "@jest/globals";
import { judgeDatabase, judgeFreeSpace } from "./judge-database.js";

describe("judgeDatabase", () => {
  const state = { serverVersion: 180_004, schema: 9, newestSchema: 9, sizeBytes: 1.25e9 };

  it("takes what it can work on, an older schema included", () => {
    expect(judgeDatabase(state)).toMatchObject({ status: "ok", detail: "PostgreSQL 18.4, 1.3 GB, schema 9" });
    expect(judgeDatabase({ ...state, schema: 8 })).toMatchObject({ status: "ok", detail: expect.stringContaining("brought to 9") });
    expect(judgeDatabase({ ...state, schema: 0, sizeBytes: 900 })).toMatchObject({ detail: "PostgreSQL 18.4, 900 B, empty" });
  });

  it("refuses a server that is too old and a schema of the future", () => {
    expect(judgeDatabase({ ...state, serverVersion: 120_022 }).status).toBe("fail");
    expect(judgeDatabase({ ...state, schema: 10 }).status).toBe("fail");
  });
});

describe("judgeFreeSpace", () => {
  it.each([
    [5e8, "fail"],
    [5e9, "warn"],
    [5e10, "ok"],
  ] as const)("of %d bytes: %s", (freeBytes, status) => {
    expect(judgeFreeSpace(freeBytes, "/data").status).toBe(status);
  });
});

import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { findFreePort } from "./find-free-port.js";

describe("findFreePort", () => {
  it("finds ports that nothing is given by chance: the system gives others to whoever asks for any", async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => findFreePort()));
    expect(Math.max(...ports)).toBeLessThan(32_768);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(10_000);
  });

  it("takes the wished one where it is free, and another where it is not", async () => {
    const wished = await findFreePort();
    expect(await findFreePort(wished)).toBe(wished);
    const server = createServer().listen(wished, "127.0.0.1");
    await once(server, "listening");
    expect(await findFreePort(wished)).not.toBe(wished);
    server.close();
  });
});

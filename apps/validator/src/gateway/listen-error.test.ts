import { afterEach, describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { chatEvents } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { listenError } from "./listen-error.js";
import { createMetricsServer } from "./metrics-server.js";

const fixtures: GatewayFixture[] = [];
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close();
});

const start = async (options: Parameters<typeof startGateway>[1]) => {
  const fixture = await startGateway({ a: () => ({ events: chatEvents(["a"]) }) }, options);
  fixtures.push(fixture);
  return fixture;
};
const metrics = (host: string, port: number) => createMetricsServer({ host, port }, { render: async () => "", contentType: "text/plain" });

describe("a server that cannot listen", () => {
  it("says that the port is taken where it is", async () => {
    const { url } = await start({});
    const port = Number(new URL(url).port);
    for (const failing of [start({ options: { port } }), metrics("127.0.0.1", port).listen()]) {
      const error = await failing.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(VisionError.isInstance(error, "VALIDATOR_CANNOT_LISTEN")).toBe(true);
      expect(String(error)).toContain("another program uses the port");
    }
  });

  it("regression: every failure was told as a port in use; it names the address where that is wrong", async () => {
    for (const failing of [start({ options: { host: "192.0.2.1" } }), metrics("192.0.2.1", 0).listen()]) {
      await expect(failing).rejects.toMatchObject({
        code: "VALIDATOR_CANNOT_LISTEN",
        message: expect.stringMatching(/192\.0\.2\.1:0: the address is not this machine's\. Set (gateway|metrics)\.host/),
      });
    }
  });

  it("says what the system says where it is nothing that we know, and tells of ports that need rights", () => {
    const place = { name: "The API", section: "gateway", host: "0.0.0.0", port: 80 } as const;
    expect(listenError(place, Object.assign(new Error("x"), { code: "EACCES" })).message).toContain("1024 or more");
    expect(listenError(place, new Error("out of files")).message).toBe("The API cannot listen on 0.0.0.0:80: out of files.");
  });
});

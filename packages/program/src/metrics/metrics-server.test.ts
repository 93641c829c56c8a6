import { afterEach, describe, expect, it } from "@jest/globals";
import { createMetricsServer, type MetricsServer, type MetricsView } from "./metrics-server.js";

const open: MetricsServer[] = [];
const view: MetricsView = { render: async () => "up 1\n", contentType: "text/plain" };

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(changes: Partial<MetricsView>): Promise<(path: string) => Promise<string>> {
  const server = createMetricsServer({ host: "127.0.0.1", port: 0 }, { ...view, ...changes });
  open.push(server);
  const url = await server.listen();
  return async (path) => {
    const response = await fetch(new URL(path, url));
    return `${response.status} ${await response.text()}`;
  };
}

describe("createMetricsServer", () => {
  it("shows the metrics and whether the program is well, and nothing else", async () => {
    const get = await serve({ health: () => ({ isAlive: true, isReady: false }) });
    expect([await get("/metrics?x=1"), await get("/healthz"), await get("/readyz")]).toEqual(["200 up 1\n", "200 ", "503 "]);
    expect(await get("/")).toMatch(/^404 /);
  });

  it("a look that failed ended the program: it is answered with 500, and the next one as before", async () => {
    const broken = () => {
      throw new Error("a gauge that cannot be read");
    };
    const texts = [() => Promise.reject(new Error("not now")), broken, async () => "up 1\n"];
    const get = await serve({ render: () => texts.shift()?.() ?? view.render(), health: broken });
    expect([await get("/healthz"), await get("/metrics"), await get("/metrics"), await get("/metrics")]).toEqual([
      "500 ",
      "500 ",
      "500 ",
      "200 up 1\n",
    ]);
  });

  it("a content type that no header can hold ended the program", async () => {
    const get = await serve({ contentType: "text/plain\nx: y" });
    expect([await get("/metrics"), await get("/metrics")]).toEqual(["500 ", "500 "]);
  });
});

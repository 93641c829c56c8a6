import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { findChromium } from "@vision/config/find-chromium";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { type Subnet, startSubnet } from "./start-subnet.js";

const executablePath = findChromium(process.env);
const screenshots = process.env["VISION_SCREENSHOTS"];
/** A subnet of thirteen programs on two busy cores; nothing is waited for longer than it takes. */
const PATIENCE_MS = 180_000;
/** What follows from another size or scheme is drawn in the frame after the next: charts are told of both. */
const afterPainting = "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))))";

if (executablePath === null) console.warn("The page is not tested: there is no Chromium on the PATH, and CHROMIUM_PATH names none.");

(executablePath === null ? describe.skip : describe)("the page, in Chromium, with a subnet behind it", () => {
  let subnet: Subnet;
  let browser: Browser;
  let baseUrl = "";
  let minerHotkey = "";
  const foreign: string[] = [];
  const errors: string[] = [];

  async function open(options: Parameters<Browser["newContext"]>[0] = {}): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    page.on("request", (request) => {
      if (!request.url().startsWith(baseUrl) && !request.url().startsWith("data:")) foreign.push(request.url());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) errors.push(message.text());
    });
    await page.goto(subnet.pageUrl);
    return { context, page };
  }

  /** The part after `#` alone loads no document. */
  async function openAsOperator(page: Page): Promise<void> {
    await page.goto("about:blank");
    await page.goto(subnet.operatorUrl);
    await page.getByRole("region", { name: "Log of changes" }).waitFor();
  }

  beforeAll(async () => {
    subnet = await startSubnet();
    baseUrl = new URL("/", subnet.pageUrl).href;
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox", "--disable-gpu"] });
    // The first closed period: before it there is not much to see.
    const { context, page } = await open();
    await page.getByRole("region", { name: "Miners by weight" }).waitFor();
    const link = await page.getByRole("region", { name: "Miners by weight" }).getByRole("link", { name: "fast-1" }).getAttribute("href");
    minerHotkey = link?.split("/").at(-1) ?? "";
    // And the second: from there on there are lines.
    await page.getByText("Requests by period").first().waitFor();
    await context.close();
  }, 2 * PATIENCE_MS);

  afterAll(async () => {
    await browser?.close();
    await subnet?.stop();
  });

  const pages = [
    { name: "overview", hash: "#/", heading: "Overview", ready: "Miners by weight" },
    { name: "miner", hash: "#/miners/", heading: "fast-1", ready: "How chat-tiny becomes weight" },
    { name: "task", hash: "#/tasks/chat-tiny", heading: "chat-tiny", ready: "Miners of chat-tiny" },
    { name: "period", hash: "#/periods/1", heading: "Period 1", ready: "Plan of period 1 and what came of it" },
    { name: "recompute", hash: "#/recompute/latest", heading: "Recompute", ready: "Weights side by side" },
    { name: "chain", hash: "#/chain", heading: "Chain", ready: "Neurons of the subnet" },
    { name: "playground", hash: "#/playground", heading: "Playground", ready: null },
    { name: "usage", hash: "#/usage", heading: "Usage", ready: "Usage by day and model" },
    { name: "operator", hash: "#/operator", heading: "Operator", ready: "Log of changes" },
  ];

  it.each(pages)(
    "$name: has no fault that axe finds, and fits 360 px, in light and dark",
    async ({ name, hash, heading, ready }) => {
      const { context, page } = await open({ reducedMotion: "reduce" });
      if (name === "operator") await openAsOperator(page);
      await page.goto(`${baseUrl}${hash}${name === "miner" ? minerHotkey : ""}`);
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
      if (ready !== null) await page.getByRole("region", { name: ready }).waitFor();
      await page.getByText("Live", { exact: true }).waitFor();
      await page.evaluate(axe.source);
      // One page that is turned about, as its user does: loading it for each costs more than all that is looked at.
      for (const [width, height] of [
        [1280, 900],
        [360, 740],
      ] as const) {
        await page.setViewportSize({ width, height });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          await page.evaluate(afterPainting);
          const found = (await page.evaluate("axe.run()")) as axe.AxeResults;
          const violations = found.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html.slice(0, 200)) }));
          expect({ colorScheme, width, violations }).toEqual({ colorScheme, width, violations: [] });
          const scrolls = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
          expect({ colorScheme, width, scrolls }).toEqual({ colorScheme, width, scrolls: false });
          if (screenshots !== undefined) {
            await mkdir(screenshots, { recursive: true });
            await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}-${width}.png`), fullPage: true });
          }
        }
      }
      await context.close();
    },
    PATIENCE_MS,
  );

  it(
    "says so when the validator is not heard, and comes back by itself",
    async () => {
      const { context, page } = await open();
      await page.getByText("Live", { exact: true }).waitFor();
      await page.route("**/v1/live/events", (route) => route.abort());
      await page.reload();
      await page.getByText("Reconnecting…").waitFor();
      await page.unroute("**/v1/live/events");
      await page.getByText("Live", { exact: true }).waitFor();
      await context.close();
    },
    PATIENCE_MS,
  );

  it(
    "is used by keyboard: past the header at once, and along a chart",
    async () => {
      const { context, page } = await open();
      await page.getByRole("application").first().waitFor();
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
      await page.keyboard.press("Enter");
      expect(await page.evaluate("document.activeElement.tagName")).toBe("MAIN");
      await page.getByRole("application").first().focus();
      await page.keyboard.press("Home");
      await page.getByText(/^Period that ended .*probes \d+/).waitFor();
      await context.close();
    },
    PATIENCE_MS,
  );

  it(
    "shows every request of a closed period as a dot: drawn, said along the arrow keys, and as a table that axe finds no fault with",
    async () => {
      const { context, page } = await open({ viewport: { width: 360, height: 740 } });
      await page.goto(`${baseUrl}#/periods/1`);
      const chart = page.getByRole("application", { name: "Requests of period 1: latency by time sent" });
      await chart.waitFor();
      const colours = `new Set(new Uint32Array([...document.querySelectorAll("canvas")].at(0).getContext("2d")
        .getImageData(0, 0, document.querySelector("canvas").width, document.querySelector("canvas").height).data.buffer)).size`;
      // Axes alone have few; a canvas that stayed empty has one.
      expect(await page.evaluate(colours)).toBeGreaterThan(30);
      await chart.focus();
      await page.keyboard.press("Home");
      await page.getByText(/^Sent at \d\d:\d\d:\d\d: (probe|user's) (answered|429|failed|not counted) [\d.]+ m?s, [\w-]+/).waitFor();
      const report = (await (await fetch(`${baseUrl}v1/periods/1/requests`)).json()) as { requests: number; dots: { count: number }[] };
      expect(report.dots.reduce((sum, { count }) => sum + count, 0)).toBe(report.requests);
      await page.getByRole("button", { name: "Table" }).click();
      const table = page.getByRole("region", { name: "Requests of period 1: latency by time sent" });
      expect(await table.getByRole("row").count()).toBe(1 + Math.min(200, report.dots.length));
      await page.getByRole("combobox", { name: "Task" }).selectOption("image-tiny");
      expect(await table.getByRole("row").filter({ hasText: "chat-tiny" }).count()).toBe(0);
      await page.evaluate(axe.source);
      const { violations } = (await page.evaluate("axe.run()")) as axe.AxeResults;
      expect(violations.map(({ id }) => id)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth > innerWidth")).toBe(false);
      await context.close();
    },
    PATIENCE_MS,
  );

  it(
    "takes the key out of the address",
    async () => {
      const { context, page } = await open();
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(page.url()).not.toContain("key=");
      await context.close();
    },
    PATIENCE_MS,
  );

  it(
    "recomputes a period to the bit, and finds a number that was changed here",
    async () => {
      const { context, page } = await open();
      await page.goto(`${baseUrl}#/recompute/latest`);
      await page.getByText("Equal to the bit.").waitFor();
      await page.getByRole("button", { name: "Change one observation first" }).click();
      await page.getByText("Not equal.").waitFor();
      await page.getByText(/^Changed before computing: series\[.*completedUnits/).waitFor();
      await context.close();
    },
    PATIENCE_MS,
  );

  it(
    "says which number differs when the validator publishes other observations than it scored",
    async () => {
      const { context, page } = await open();
      await context.route("**/observations", async (route) => {
        const response = await route.fetch();
        const body = (await response.json()) as { observations: { taskWeights: Record<string, number> } };
        body.observations.taskWeights["image-tiny"] = 0;
        await route.fulfill({ response, json: body });
      });
      await page.goto(`${baseUrl}#/recompute/latest`);
      await page.getByText("Not equal.").waitFor();
      const changed = page.getByRole("row").filter({ hasText: "tasks[image-tiny].weight" }).first();
      expect(await changed.getByRole("cell").last().textContent()).toBe("0");
      await context.close();
    },
    PATIENCE_MS,
  );

  it(
    "lets the operator make a key that works, change its limits and end it, with what was done in the log, and hides secrets",
    async () => {
      const { context, page } = await open();
      await openAsOperator(page);
      expect(page.url()).not.toContain("operator=");
      const keys = page.getByRole("region", { name: "Keys and what they used" });
      // The key of the subnet itself is used all the time.
      await keys.getByRole("row").filter({ hasText: "localnet" }).waitFor();
      await page.getByRole("textbox", { name: "Name" }).fill("customer");
      await page.getByRole("button", { name: "Make the key" }).click();
      const key = (await page.getByText("The new key, shown only now:").locator("..").locator("code").textContent()) ?? "";
      const lookWith = async () => (await fetch(`${baseUrl}v1/usage`, { headers: { authorization: `Bearer ${key}` } })).status;
      expect(await lookWith()).toBe(200);
      await page.getByRole("button", { name: "Change the limits of customer" }).click();
      await page.getByRole("spinbutton", { name: "Requests a minute" }).fill("7");
      await page.getByRole("spinbutton", { name: "Tokens a minute (empty: any)" }).fill("900");
      await page.getByRole("button", { name: "Change the limits" }).last().click();
      await keys.getByRole("row").filter({ hasText: "customer" }).filter({ hasText: "900" }).waitFor();
      await page.getByRole("button", { name: "Revoke customer" }).click();
      await page.getByRole("button", { name: "Yes, revoke customer" }).click();
      await keys.getByRole("row").filter({ hasText: "customer" }).filter({ hasText: "revoked" }).waitFor();
      const log = await page.getByRole("region", { name: "Log of changes" }).getByRole("row").allInnerTexts();
      expect(log.slice(1, 5).map((row) => /revoked|limits changed|made/.exec(row)?.[0])).toEqual([
        "revoked",
        "limits changed",
        "made",
        "made",
      ]);
      expect(log[1]).toMatch(/customer .*7 requests and 900 tokens.*operator's token, from 127\.0\.0\.1/s);
      expect(log[4]).toMatch(/localnet .*command line/s);
      const settings = (await page.getByRole("region", { name: "Settings in force" }).textContent()) ?? "";
      expect(settings).toContain('"operatorToken": "(hidden)"');
      const token = new URL(subnet.operatorUrl).hash.slice("#operator=".length);
      expect(await page.locator("body").textContent()).not.toContain(token);
      await page.getByLabel(/^Operator's token/).fill("not-the-token-of-anybody");
      await page.getByRole("alert").filter({ hasText: "This is not the operator's token." }).waitFor();
      expect(await keys.count()).toBe(0);
      await context.close();
    },
    PATIENCE_MS,
  );

  /** Asks until a miner has room, again with every third report of what is going on: eleven small ones share two cores with everything else. */
  async function ask(page: Page, expected: ReturnType<Page["locator"]>): Promise<void> {
    for (;;) {
      await page.getByRole("button", { name: "Ask" }).click();
      const refused = page.getByRole("alert").filter({ hasText: /at their capacity|No miner could answer/ });
      await expected.or(page.getByRole("alert")).first().waitFor();
      if (await expected.isVisible()) return;
      expect(await refused.count()).toBe(1);
      await page.evaluate(`new Promise((resolve) => {
        const source = new EventSource("v1/live/events");
        let count = 0;
        source.onmessage = () => ++count < 3 || (source.close(), resolve());
        // A refusal is final: what is asked next is heard all the same.
        source.onerror = () => source.readyState === EventSource.CLOSED && resolve();
      })`);
    }
  }

  it(
    "streams an answer in the playground, and shows the same as code without the key",
    async () => {
      const { context, page } = await open();
      await page.goto(`${baseUrl}#/playground`);
      await page.getByRole("combobox", { name: "Model" }).selectOption("chat-tiny");
      // Of what a miner can do in a period of 20 s, probes leave room for some 30 tokens or five steps.
      await page.getByRole("spinbutton", { name: "Most tokens" }).fill("16");
      await page.evaluate(`
      window.lengths = new Set();
      // A busy machine brings several pieces in one packet, and paints them at once: each is handed over when the one before is painted.
      window.pieces = 0;
      const fetchAtOnce = window.fetch;
      const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      window.fetch = async (...request) => {
        const response = await fetchAtOnce(...request);
        if (!String(request[0]).endsWith("chat/completions") || !response.ok) return response;
        let rest = "";
        const apart = new TransformStream({
          async transform(text, output) {
            const events = (rest + text).split("\\n\\n");
            rest = events.pop();
            for (const event of events) {
              output.enqueue(event + "\\n\\n");
              window.pieces += /"content":"[^"]/.test(event) ? 1 : 0;
              await painted();
            }
          },
        });
        const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(apart).pipeThrough(new TextEncoderStream());
        return new Response(events, response);
      };
      new MutationObserver(() => window.lengths.add(document.querySelector(".answer")?.textContent.length ?? 0))
        .observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true });
    `);
      await ask(page, page.getByText(/first token after \d+ ms .* tokens/));
      expect((await page.locator(".answer").textContent())?.length).toBeGreaterThan(5);
      // Who answered is told at once; what its check found, when the period's report is out. Where the honest are full it may be one that cheats.
      const tries = page.getByRole("list", { name: "Miners that were asked" });
      await tries.getByText(/answered after/).waitFor();
      expect(await tries.getByRole("link").last().getAttribute("href")).toMatch(/^#\/miners\/5\w{47}$/);
      await tries.getByText(/checked: \d+ % right|not checked: a sample/).waitFor();
      // It grew piece by piece.
      const pieces = await page.evaluate("window.pieces");
      expect(pieces).toBeGreaterThan(1);
      expect(await page.evaluate("window.lengths.size")).toBeGreaterThanOrEqual(Number(pieces));
      const key = new URL(subnet.pageUrl).hash.slice("#key=".length);
      for (const [tab, word] of [
        ["curl", "curl -N"],
        ["OpenAI SDK", "new OpenAI("],
        ["AI SDK", "streamText("],
      ] as const) {
        await page.getByRole("tab", { name: tab, exact: true }).click();
        const code = (await page.getByRole("tabpanel").textContent()) ?? "";
        expect(code).toContain(word);
        expect(code).not.toContain(key);
      }
      if (screenshots !== undefined) await page.screenshot({ path: join(screenshots, "playground-answer.png"), fullPage: true });
      await context.close();
    },
    PATIENCE_MS,
  );

  it(
    "shows a picture in the playground",
    async () => {
      const { context, page } = await open();
      await page.goto(`${baseUrl}#/playground`);
      await page.getByRole("combobox", { name: "Model" }).selectOption("image-tiny");
      await page.getByRole("textbox", { name: "What to paint" }).fill("red apple");
      await page.getByRole("spinbutton", { name: "Steps" }).fill("4");
      const picture = page.getByRole("img", { name: "Picture: red apple" });
      await ask(page, picture);
      expect(
        await page.evaluate(
          "document.querySelector('.answer img').decode().then(() => document.querySelector('.answer img').naturalWidth)",
        ),
      ).toBeGreaterThan(0);
      await context.close();
    },
    PATIENCE_MS,
  );

  it("asked nobody but the validator, and ran into no error of its own", () => {
    expect(foreign).toEqual([]);
    expect(errors).toEqual([]);
  });
});

import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { findChromium } from "@vision/config/find-chromium";
import axe from "axe-core";
import { type Browser, chromium } from "playwright-core";
import { readSite, root } from "../src/site.js";
import { serveFolder } from "./serve-folder.js";

const built = join(import.meta.dirname, "..", "dist");
const { pages, shown } = readSite();
const builtPages = readdirSync(built, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
const html = new Map(builtPages.map((name) => [name, readFileSync(join(built, name), "utf8")]));
const nameOf = ({ path }: { readonly path: string }) => path.replace(/\.md$/, ".html");
const words = (text: string) => text.replaceAll(/<[^>]*>/g, "").replaceAll(/\s+/g, " ");
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

describe("the built site", () => {
  it("has every page of docs/, and what they lead to", () => {
    const missing = [...pages, ...shown].map(nameOf).filter((name) => !html.has(name));
    expect(missing).toEqual([]);
    const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
    expect(docs.filter((name) => !html.has(name.replace(/\.md$/, ".html")))).toEqual([]);
  });

  it("shows files as they are now", () => {
    const stale = shown.filter((each) => {
      const last = each.text.trimEnd().split("\n").at(-2)?.trim() ?? "";
      const path = join(root, each.file);
      if (!existsSync(path) || last === "" || !each.text.includes("````````")) return false;
      return !words(html.get(nameOf(each)) ?? "").includes(escaped(last).replaceAll(/\s+/g, " "));
    });
    expect(stale.map(({ file }) => file)).toEqual([]);
  });

  it("has no link, image or script that leads nowhere, and no heading linked to that is not there", () => {
    const broken: string[] = [];
    for (const [name, text] of html) {
      for (const [, url = ""] of text.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
        if (/^(?:https?|mailto|data):/.test(url)) continue;
        const [path = "", hash = ""] = url.replaceAll("&amp;", "&").split("#");
        const target = path === "" ? name : path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(name), path);
        const file = target === "" || target.endsWith("/") ? `${target}index.html` : target;
        if (!existsSync(join(built, file))) broken.push(`${name}: ${url}`);
        else if (hash !== "" && html.get(file)?.includes(` id="${decodeURIComponent(hash)}"`) !== true)
          broken.push(`${name}: ${url} (heading)`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("fetches nothing from another host", () => {
    const foreign = [...html].flatMap(([name, text]) =>
      [...text.matchAll(/<(?:script|link|img|iframe)[^>]*\s(?:src|href)="(https?:[^"]*)"/g)].map(([, url]) => `${name}: ${url}`),
    );
    expect(foreign).toEqual([]);
    const styles = readdirSync(join(built, "assets")).filter((name) => name.endsWith(".css"));
    for (const name of styles)
      expect({ name, urls: readFileSync(join(built, "assets", name), "utf8").match(/url\("?https?:|@import/g) }).toEqual({
        name,
        urls: null,
      });
  });
});

const executablePath = findChromium(process.env);
const screenshots = process.env["VISION_SCREENSHOTS"];
if (executablePath === null) console.warn("The site is not looked at: there is no Chromium on the PATH, and CHROMIUM_PATH names none.");

(executablePath === null ? describe.skip : describe)("the site, in Chromium", () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serveFolder>>;
  const faults: string[] = [];

  async function open(colorScheme: "light" | "dark", width: number) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    page.on("request", (request) => {
      if (!request.url().startsWith(site.url) && !request.url().startsWith("data:")) faults.push(`asked ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
    });
    page.on("pageerror", (error) => faults.push(String(error)));
    return { context, page };
  }

  beforeAll(async () => {
    site = await serveFolder(built);
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  /** Every second page in light on a desk, the others in dark on a telephone: what is around the text is the same on all, and looked at once. */
  it.each([
    ["light", 1280, 0],
    ["dark", 360, 1],
  ] as const)("%s at %i px: pages fit, and axe finds no fault", async (colorScheme, width, turn) => {
    const { context, page } = await open(colorScheme, width);
    const found: unknown[] = [];
    const ofTurn = pages.filter((_page, index) => index % 2 === turn);
    for (const each of ofTurn) {
      await page.goto(`${site.url}${nameOf(each)}`);
      await page.evaluate(axe.source);
      const { violations } = (await page.evaluate(
        `axe.run(${each === ofTurn[0] ? "document" : "'.vp-doc'"}, { resultTypes: ['violations'] })`,
      )) as axe.AxeResults;
      found.push(
        ...violations.map(({ id, nodes }) => ({ page: each.path, id, nodes: nodes.slice(0, 3).map((node) => node.html.slice(0, 160)) })),
      );
      if (await page.evaluate("document.documentElement.scrollWidth > innerWidth")) found.push({ page: each.path, id: "too wide" });
    }
    expect(found).toEqual([]);
    if (screenshots !== undefined) {
      mkdirSync(screenshots, { recursive: true });
      await page.goto(site.url);
      await page.screenshot({ path: join(screenshots, `docs-${colorScheme}-${width}.png`) });
    }
    await context.close();
  });

  it("finds words, follows a link without loading a document, and remembers the colours that were chosen", async () => {
    const { context, page } = await open("light", 1280);
    await page.goto(site.url);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("reference truthfulness");
    await page.locator("#localsearch-list li").first().waitFor();
    await page.keyboard.press("Escape");
    await page.evaluate("window.isSameDocument = true");
    await page.getByRole("complementary").getByRole("link", { name: "Architecture" }).click();
    await page.getByRole("heading", { level: 1, name: "Architecture" }).waitFor();
    expect(await page.evaluate("window.isSameDocument")).toBe(true);
    await page.getByRole("switch", { name: /dark/ }).click();
    await page.reload();
    expect(await page.evaluate("document.documentElement.classList.contains('dark')")).toBe(true);
    await context.close();
  });

  it("asked nobody else, missed nothing, and ran into no error", () => {
    expect(faults).toEqual([]);
  });
});

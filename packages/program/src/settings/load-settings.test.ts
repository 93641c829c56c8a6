import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { z } from "zod";
import { describeSettings } from "./describe-settings.js";
import { loadSettings } from "./load-settings.js";
import { describeFormerName } from "./read-sources.js";
import { renderSettingsPage } from "./render-settings-page.js";
import { setting } from "./setting.js";
import { defineProgram } from "./setting-program.js";

const backend = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("file"), path: setting(z.string().min(1), { description: "A file.", isPath: true }) }),
  z.strictObject({ kind: z.literal("server"), apiKey: setting(z.string().optional(), { description: "A key.", isSecret: true }) }),
]);

const program = defineProgram("bakery", {
  oven: setting(
    z
      .strictObject({
        heat: setting(z.int().min(1).max(9).default(5), { description: "How hot.", formerly: ["fire", "oven.fire"], formerFlags: ["hot"] }),
        isOpen: setting(z.boolean().default(false), { description: "Whether it is open." }),
      })
      .prefault({}),
    { description: "The section, as JSON." },
  ),
  folder: setting(z.string().min(1).optional(), { description: "Where recipes are.", isPath: true }),
  names: setting(z.array(z.string()).default([]), { description: "Names of breads." }),
  url: setting(z.url().optional(), { description: "Where to sell.", alsoVariable: "SHOP_URL" }),
  stake: setting(z.union([z.int().min(0), z.string().regex(/^\d+$/, "must be a whole number")]).optional(), { description: "Stake." }),
  backends: setting(z.record(z.string(), backend), { description: "What bakes.", example: '{ "one": { "kind": "server" } }' }),
});

let folder = "";
const warnings: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-settings-"));
});
beforeEach(() => void warnings.splice(0));
afterAll(() => rm(folder, { recursive: true, force: true }));

type Given = { readonly file?: unknown; readonly environment?: Record<string, string>; readonly flags?: Record<string, string> };

async function load({ file, environment = {}, flags = {} }: Given) {
  const path = join(folder, "bakery.json");
  if (file !== undefined) await writeFile(path, typeof file === "string" ? file : JSON.stringify(file));
  return loadSettings(program, program.shape, {
    sources: {
      environment: file === undefined ? environment : { ...environment, VISION_BAKERY_CONFIG: path },
      flags,
      workingDirectory: "/srv/dir",
      warn: (use) => warnings.push(describeFormerName(use)),
    },
  });
}

async function problemsOf(given: Given): Promise<readonly string[]> {
  try {
    await load(given);
  } catch (error) {
    if (!VisionError.isInstance(error, "CONFIG_INVALID")) throw error;
    const lines = error.message.replaceAll(join(folder, "bakery.json"), "FILE").split("\n");
    return lines.slice(1).map((line) => line.replace("  - ", ""));
  }
  return [];
}

const good = { backends: { one: { kind: "server" } } };

describe("loadSettings", () => {
  it("lets flags win over the environment, and the environment over the file, section by section", async () => {
    const { settings } = await load({
      file: { ...good, oven: { heat: 1, isOpen: true }, names: ["rye"] },
      environment: { VISION_BAKERY_OVEN: '{"heat": 2}', VISION_BAKERY_NAMES: "rye, spelt", SHOP_URL: "https://shop.example" },
      flags: { "oven-heat": "3" },
    });
    expect(settings).toEqual({ ...good, oven: { heat: 3, isOpen: true }, names: ["rye", "spelt"], url: "https://shop.example" });
    expect(
      (await load({ file: good, environment: { VISION_BAKERY_OVEN_HEAT: "", VISION_BAKERY_OVEN: '{"heat": 2}' } })).settings.oven.heat,
    ).toBe(2);
    const replaced = await load({ file: good, environment: { VISION_BAKERY_BACKENDS: '{"two":{"kind":"server"}}' } });
    expect(Object.keys(replaced.settings.backends)).toEqual(["two"]);
  });

  it("tells every mistake of every source at once, with its source and what to do", async () => {
    const problems = await problemsOf({
      file: {
        oven: { heat: 10, glow: 1 },
        bakends: {},
        backends: { one: { kind: "file", pth: "x" }, two: { kind: "magic" } },
        names: ["a", 7],
      },
      environment: { VISION_BAKERY_OVEN_IS_OPEN: "perhaps", VISION_BAKERY_OVN: "1", VISION_BAKERY_STAKE: "-1" },
      flags: { url: "shop" },
    });
    expect(problems).toEqual([
      "oven.isOpen (VISION_BAKERY_OVEN_IS_OPEN): must be true or false",
      "VISION_BAKERY_OVN: there is no such setting; remove it or correct its name",
      "oven.heat (FILE): must be at most 9",
      "oven.glow (FILE): is not a setting; remove it or correct its name",
      "names.1 (FILE): must be text, not a number",
      "url (--url): Invalid URL",
      "stake (VISION_BAKERY_STAKE): must be a whole number",
      "backends.one.path (FILE): is missing",
      "backends.one.pth (FILE): is not a setting; remove it or correct its name",
      "backends.two.kind (FILE): must be file or server",
      "bakends (FILE): is not a setting; remove it or correct its name",
    ]);
  });

  it("says of what is missing how to give it, and of a wrong type that it is wrong", async () => {
    expect(await problemsOf({})).toEqual([
      'backends (VISION_BAKERY_BACKENDS or --backends): is missing; e.g. { "one": { "kind": "server" } }',
    ]);
    expect(await problemsOf({ file: { oven: [], names: "rye", stake: true, backends: 7, folder: 1 } })).toEqual([
      "oven (FILE): must be an object, not a list",
      "folder (FILE): must be text, not a number",
      "names (FILE): must be a list, not text",
      "stake (FILE): must be a number or text, not true",
      "backends (FILE): must be an object, not a number",
    ]);
    expect(await problemsOf({ file: { ...good, oven: { heat: "5" } } })).toEqual(["oven.heat (FILE): must be a number, not text"]);
    expect(await problemsOf({ file: { ...good, oven: { heat: 1.5 } } })).toEqual([
      "oven.heat (FILE): must be a whole number, not a fraction",
    ]);
  });

  it("says why a file cannot be used, and never what is in it", async () => {
    expect((await problemsOf({ file: '{"backends": hunter2}' }))[0]).toMatch(/^FILE: is not JSON/);
    expect(await problemsOf({ file: '{"backends": hunter2}' })).not.toContainEqual(expect.stringContaining("hunter2"));
    expect((await problemsOf({ file: [] }))[0]).toBe("FILE: must hold a JSON object");
    expect((await problemsOf({ environment: { VISION_BAKERY_BACKENDS: '{"one":{"kind":"server","apiKey":hunter2' } }))[0]).toMatch(
      /^backends \(VISION_BAKERY_BACKENDS\): is not JSON(, from line 1, column 34 on)?$/,
    );
    const missing = problemsOf({ flags: { config: "/nowhere/at/all.json" } });
    expect((await missing)[0]).toBe("/nowhere/at/all.json: cannot be read; check the path and the permissions");
  });

  it("regression: a config file with a misspelt path, or a comma too many, was four mistakes: what it may well hold was missing", async () => {
    expect(await problemsOf({ flags: { config: "/nowhere/at/all.json" } })).toEqual([
      "/nowhere/at/all.json: cannot be read; check the path and the permissions",
    ]);
    expect(await problemsOf({ file: '{"name": "x",}', environment: { VISION_BAKERY_OVEN_HEAT: "hot" } })).toEqual([
      expect.stringMatching(/^FILE: is not JSON/),
      "oven.heat (VISION_BAKERY_OVEN_HEAT): must be a number",
    ]);
  });

  it("regression: a file as Windows saves it was not JSON", async () => {
    expect((await load({ file: `\uFEFF${JSON.stringify(good)}` })).settings).toEqual((await load({ file: good })).settings);
    const utf16 = Buffer.from(JSON.stringify(good), "utf16le").toString("utf8");
    expect(await problemsOf({ file: utf16 })).toEqual(["FILE: is no text in UTF-8; save it as that"]);
  });

  it("counts relative paths from the file's folder, and those from outside from the working directory", async () => {
    const backends = { one: { kind: "file", path: "a/b" }, two: { kind: "file", path: "~/c" }, three: { kind: "file", path: "/d" } };
    const fromFile = (await load({ file: { folder: "recipes", backends } })).settings;
    expect(fromFile).toMatchObject({
      folder: join(folder, "recipes"),
      backends: { one: { path: join(folder, "a", "b") }, two: { path: join(homedir(), "c") }, three: { path: "/d" } },
    });
    const fromOutside = await load({
      file: { folder: "recipes", backends },
      environment: { VISION_BAKERY_BACKENDS: '{"one":{"kind":"file","path":"a"}}' },
      flags: { folder: "../recipes" },
    });
    expect(fromOutside.settings).toMatchObject({ folder: "/srv/recipes", backends: { one: { path: "/srv/dir/a" } } });
  });

  it("takes former names from every source, with a warning that names the new one", async () => {
    expect((await load({ file: { ...good, fire: 2 } })).settings.oven.heat).toBe(2);
    expect((await load({ file: { ...good, oven: { fire: 3 } } })).settings.oven.heat).toBe(3);
    expect((await load({ file: { ...good, fire: 2 }, environment: { VISION_BAKERY_FIRE: "4" } })).settings.oven.heat).toBe(4);
    expect((await load({ file: good, flags: { hot: "6" } })).settings.oven.heat).toBe(6);
    expect(new Set(warnings.map((warning) => warning.replace(/ now;.*/, "").replace(join(folder, "bakery.json"), "FILE")))).toEqual(
      new Set([
        "fire (FILE) is called oven.heat",
        "oven.fire (FILE) is called oven.heat",
        "VISION_BAKERY_FIRE is called VISION_BAKERY_OVEN_HEAT",
        "--hot is called --oven-heat",
      ]),
    );
    expect(await problemsOf({ file: { ...good, fire: "warm" } })).toEqual(["oven.heat (FILE, as fire): must be a number, not text"]);
  });

  it("refuses a setting that one source gives under two names", async () => {
    expect(await problemsOf({ file: { ...good, fire: 2, oven: { heat: 2 } } })).toEqual([
      "fire (FILE): is a former name of oven.heat, which is given too; remove it",
    ]);
    expect(await problemsOf({ file: good, flags: { hot: "2", "oven-heat": "2" } })).toEqual([
      "--hot: is a former name of --oven-heat, which is given too; remove it",
    ]);
  });

  it("loads a part without looking at the rest of the file, but for a name that is none: it may be a misspelt one of the part", async () => {
    const path = join(folder, "part.json");
    const sources = { environment: {}, flags: { config: path }, workingDirectory: "/", warn: () => undefined };
    const loadOven = () => loadSettings(program, { oven: program.shape.oven }, { sources });
    await writeFile(path, JSON.stringify({ oven: { heat: 2 }, backends: 7 }));
    expect((await loadOven()).settings).toEqual({ oven: { heat: 2, isOpen: false } });
    await writeFile(path, JSON.stringify({ ovne: { heat: 2 }, backends: 7 }));
    await expect(loadOven()).rejects.toThrow(`ovne (${path}): is not a setting; remove it or correct its name`);
  });

  it("checks across settings what is right of them, although something else is wrong", async () => {
    const loading = loadSettings(program, program.shape, {
      sources: {
        environment: { VISION_BAKERY_OVEN: '{"heat": 9, "isOpen": "no"}' },
        flags: {},
        workingDirectory: "/",
        warn: () => undefined,
      },
      check: ({ seen, isGiven }) => [
        { path: ["oven", "heat"], message: `is ${seen.oven?.heat}, ${seen.oven?.isOpen}, ${isGiven("oven", "isOpen")}, ${isGiven("url")}` },
      ],
    });
    await expect(loading).rejects.toThrow("oven.heat (VISION_BAKERY_OVEN): is 9, undefined, true, false");
  });
});

describe("describeSettings", () => {
  it("hides secrets at any depth, and credentials in URLs", async () => {
    const file = { backends: { one: { kind: "server", apiKey: "hunter2" } }, url: "https://me:hunter2@shop.example/?token=hunter2" };
    const text = describeSettings(program, (await load({ file })).settings);
    expect(text).not.toContain("hunter2");
    expect(JSON.parse(text)).toMatchObject({ backends: { one: { apiKey: "(hidden)" } }, url: "https://shop.example/?token=***" });
  });
});

describe("defineProgram", () => {
  it("refuses a setting that nobody explains", () => {
    expect(() => defineProgram("bakery", { oven: z.strictObject({ heat: z.int() }) })).toThrow("oven.heat is no setting");
  });
});

describe("renderSettingsPage", () => {
  it("has a line for every setting and every former name", () => {
    const page = renderSettingsPage(program);
    expect(page).toContain("| `oven.heat` | `VISION_BAKERY_OVEN_HEAT` | `--oven-heat` | `5` | How hot. |");
    expect(page).toContain("| `url` | `VISION_BAKERY_URL` or `SHOP_URL` | `--url` |  | Where to sell. |");
    expect(page).toContain("| `fire` | `VISION_BAKERY_FIRE` | `--fire` | `oven.heat` |");
    expect(page).toContain("|  | `VISION_BAKERY_HOT` | `--hot` | `oven.heat` |");
  });
});

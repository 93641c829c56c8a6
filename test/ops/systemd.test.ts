import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { isInstalled } from "./promtool.js";

const folder = join(import.meta.dirname, "..", "..", "ops", "systemd");
const units = readdirSync(folder).filter((name) => name.endsWith(".service"));
const text = (name: string) => readFileSync(join(folder, name), "utf8");

/** Of 100 for a service without any confinement; above 20 something was forgotten. */
const MOST_EXPOSURE = 20;

describe("units", () => {
  it("are there for both programs, for a checker and for a gateway", () =>
    expect(units).toEqual(["vision-checker.service", "vision-gateway.service", "vision-miner.service", "vision-validator.service"]));

  it.each(["checker", "gateway"])(
    "vision-%s.service starts the validator's program by that command, with the validator's file and no secrets of its",
    (command) => {
      const { bin } = JSON.parse(readFileSync(join(folder, "..", "..", "apps", "validator", "package.json"), "utf8"));
      const path = `/opt/vision/apps/validator/${String(bin["vision-validator"]).replace(/^\.\//, "")}`;
      const unit = text(`vision-${command}.service`);
      expect(unit).toContain(`ExecStart=/usr/bin/node ${path} ${command} --config /etc/vision/validator.json\n`);
      expect(unit).not.toContain("/etc/vision/validator.env");
    },
  );

  it.each(units.filter((name) => !/checker|gateway/.test(name)))(
    "%s starts the program that the build makes, with the arguments that it takes",
    (name) => {
      const program = name.slice("vision-".length, -".service".length);
      const { bin } = JSON.parse(readFileSync(join(folder, "..", "..", "apps", program, "package.json"), "utf8"));
      const path = `/opt/vision/apps/${program}/${String(bin[`vision-${program}`]).replace(/^\.\//, "")}`;
      expect(text(name)).toContain(`ExecStart=/usr/bin/node ${path} run --config /etc/vision/${program}.json\n`);
      expect(text(name)).toContain(`ExecStartPre=/usr/bin/node ${path} check-config --config /etc/vision/${program}.json\n`);
    },
  );
});

(isInstalled("systemd-analyze") ? describe : describe.skip)("systemd-analyze (skipped where systemd is not installed)", () => {
  let copies: string;
  beforeAll(() => {
    copies = mkdtempSync(join(tmpdir(), "vision-units-"));
    // Whether a program is there is part of the look: on this machine Node is where it is.
    for (const name of units) writeFileSync(join(copies, name), text(name).replaceAll("/usr/bin/node ", `${process.execPath} `));
  });
  afterAll(() => rmSync(copies, { recursive: true, force: true }));

  const analyze = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync("systemd-analyze", [...args], { cwd: copies, encoding: "utf8" });
    return { status, said: `${stdout}${stderr}` };
  };

  it.each(units)("finds nothing wrong with %s", (name) => {
    expect(analyze("verify", "--man=no", `./${name}`)).toEqual({ status: 0, said: "" });
  });

  it.each(units)("finds %s well confined", (name) => {
    const { status, said } = analyze("security", "--offline=yes", `--threshold=${MOST_EXPOSURE}`, `./${name}`);
    expect({ status, said: status === 0 ? "" : said }).toEqual({ status: 0, said: "" });
  });
});

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const compose = read("ops/docker/compose.yml");

describe.each(["validator", "miner"])("the image of the %s", (program) => {
  const lines = read(`ops/docker/${program}.Dockerfile`).split("\n");
  const of = (instruction: string) => lines.filter((line) => line.startsWith(`${instruction} `));

  it("takes along only what git or the build makes, and all that the program reads from disk", () => {
    const taken = of("COPY").flatMap((line) => /--from=build \/build\/(\S+)/.exec(line)?.[1] ?? []);
    expect(taken).toEqual([`apps/${program}/package.json`, `apps/${program}/dist`, "packages/tiny/package.json", "packages/tiny/models"]);
    expect(taken.filter((path) => !path.endsWith("/dist") && !existsSync(join(root, path)))).toEqual([]);
  });

  it("is of the oldest Node that the project takes, and runs its command as nobody special", () => {
    expect(of("FROM").map((line) => /node:([\d.]+)-/.exec(line)?.[1])).toEqual([
      read(".node-version").trim(),
      read(".node-version").trim(),
    ]);
    expect(lines.indexOf("USER node")).toBeLessThan(lines.findIndex((line) => line.startsWith("ENTRYPOINT")));
    expect(of("USER")).toEqual(["USER node"]);
    expect(of("HEALTHCHECK")).toHaveLength(1);
  });

  it("is named by the compose file with the configuration that it reads", () => {
    expect(compose).toContain(`dockerfile: ops/docker/${program}.Dockerfile`);
    expect(of("CMD")).toEqual([`CMD ["run", "--config", "/etc/vision/${program}.json"]`]);
    expect(compose).toContain(`/${program}.json:/etc/vision/${program}.json:ro`);
  });

  it("has names of settings in its environment that the program knows", () => {
    const names = lines.join(" ").match(/VISION_[A-Z_]+/g) ?? [];
    const page = read(`docs/reference/${program}-settings.md`);
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("the compose file for gateways", () => {
  const gateways = read("ops/docker/compose.gateways.yml");

  it("has names of settings and a command that the program knows, and opens nothing to other machines", () => {
    const page = read("docs/reference/validator-settings.md");
    const names = gateways.match(/VISION_VALIDATOR_[A-Z_]+/g) ?? [];
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    expect(gateways).toContain("command: [gateway, --config, /etc/vision/validator.json]");
    expect(read("apps/validator/src/commands/run-cli.ts")).toContain('.command("gateway")');
    expect([...gateways.matchAll(/ports: \["([^"]+)"\]/g)].map(([, port]) => port)).toEqual(["127.0.0.1:8081-8082:8080"]);
  });
});

describe("the compose file", () => {
  it("mounts only files of the repository that are there", () => {
    const mounted = [...compose.matchAll(/- (\.\.\/\S+?):\//g)].map(([, path]) => join("ops/docker", path ?? ""));
    expect(mounted.length).toBeGreaterThan(2);
    expect(mounted.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("opens nothing but the miner's port to other machines", () => {
    const ports = [...compose.matchAll(/ports: \["([^"]+)"\]/g)].map(([, port]) => port);
    expect(ports.filter((port) => !port?.startsWith("127.0.0.1:"))).toEqual(["8091:8091"]);
    expect(ports).toHaveLength(4);
  });
});

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");
const script = join(root, "scripts", "sign-tags.mjs");
const changeset = join(root, "node_modules", ".bin", "changeset");
const signersFile = join(".github", "release-signers");
// Every Debian with git has both; ssh-keygen ends with 1 where it is asked for nothing it knows.
const isThere = (program: string) => spawnSync(program, ["-?"]).error === undefined;
const withTools = isThere("ssh-keygen") && isThere("git") ? describe : describe.skip;

let folder = "";
let repository = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vision-sign-tags-"));
  repository = join(folder, "repository");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Nothing of whoever runs the tests: neither their git's settings nor their keys. */
const environment = { PATH: process.env["PATH"] ?? "", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
const git = (...words: readonly string[]) => execFileSync("git", words, { cwd: repository, env: environment, encoding: "utf8" });

function makeKey(name: string, passphrase = ""): { readonly secret: string; readonly line: string } {
  const file = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", file]);
  return { secret: readFileSync(file, "utf8"), line: `releases namespaces="git" ${readFileSync(`${file}.pub`, "utf8")}` };
}

/** A repository of one package that has not been released. */
function makeRepository(signers: string): void {
  mkdirSync(join(repository, ".github"), { recursive: true });
  mkdirSync(join(repository, ".changeset"));
  writeFileSync(join(repository, "package.json"), JSON.stringify({ name: "@vision/one", version: "1.2.3" }));
  writeFileSync(join(repository, ".changeset", "config.json"), JSON.stringify({ baseBranch: "main" }));
  writeFileSync(join(repository, signersFile), signers);
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "a test");
  git("config", "user.email", "test@localhost");
  git("add", "--all");
  git("commit", "--quiet", "--message=one");
}

function sign(command: "set-up" | "check" | "verify", secret?: string) {
  const env = { ...environment, RUNNER_TEMP: join(folder, "runner"), ...(secret === undefined ? {} : { RELEASE_SIGNING_KEY: secret }) };
  const { status, stderr } = spawnSync(process.execPath, [script, command], { cwd: repository, env, encoding: "utf8" });
  return { status, told: stderr };
}

const tag = () => execFileSync(changeset, ["tag"], { cwd: repository, env: environment, encoding: "utf8" });

withTools("sign-tags", () => {
  it("has changesets sign its tags with the key of the secret, as anybody can verify", () => {
    const key = makeKey("release");
    makeRepository(`# a comment\n${key.line}`);
    // As a secret comes: without the line feed at its end.
    expect(sign("set-up", key.secret.trim())).toEqual({ status: 0, told: "git signs tags.\n" });
    expect(statSync(join(folder, "runner", "release-signing-key")).mode & 0o777).toBe(0o600);
    expect(sign("check")).toEqual({ status: 0, told: "" });
    expect(git("tag")).toBe("");
    tag();
    expect(sign("verify").told).toMatch(/^Signed: \S*1\.2\.3\n$/);
    const [name = ""] = git("tag").trim().split("\n");
    const stranger = ["-c", `gpg.ssh.allowedSignersFile=${signersFile}`, "verify-tag", name];
    expect(spawnSync("git", stranger, { cwd: repository, env: environment, encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('Good "git" signature for releases'),
    });
  });

  it("refuses before anything is published where the secret is missing, and says what to do", () => {
    makeRepository(makeKey("release").line);
    expect(sign("set-up", " ")).toEqual({ status: 0, told: "RELEASE_SIGNING_KEY is empty: a release will be refused.\n" });
    expect(sign("check")).toMatchObject({
      status: 1,
      told: expect.stringMatching(/not signed[\s\S]*Nothing was published[\s\S]*CONTRIBUTING\.md/),
    });
    expect(git("tag")).toBe("");
    tag();
    expect(sign("verify").status).toBe(1);
  });

  it("refuses a key that nobody could verify by, one with a passphrase, and what is no key", () => {
    const [listed, other] = [makeKey("listed"), makeKey("other")];
    makeRepository(listed.line);
    expect(sign("set-up", other.secret).status).toBe(0);
    expect(sign("check")).toMatchObject({ status: 1, told: expect.stringContaining(signersFile) });
    expect(sign("set-up", makeKey("locked", "secret words").secret)).toMatchObject({
      status: 1,
      told: expect.stringContaining("passphrase"),
    });
    expect(sign("set-up", "hunter2")).toMatchObject({ status: 1, told: expect.not.stringContaining("hunter2") });
  });
});

describe("a release", () => {
  it("sets signing up before the action that publishes, looks at it first and at the tags last", () => {
    const workflow = readFileSync(join(root, ".github", "workflows", "release.yml"), "utf8");
    expect(workflow.indexOf("sign-tags.mjs set-up")).toBeGreaterThan(workflow.indexOf("npm ci"));
    expect(workflow.indexOf("changesets/action")).toBeGreaterThan(workflow.indexOf("secrets.RELEASE_SIGNING_KEY"));
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(scripts.release.split(" && ")).toEqual([
      "node scripts/sign-tags.mjs check",
      "turbo run build",
      "changeset publish",
      "node scripts/sign-tags.mjs verify",
    ]);
  });
});

// Tags of a release are signed by SSH, with a key of the project's own: `set-up` takes it from RELEASE_SIGNING_KEY, `check` refuses before
// anything is published where a tag would not be signed by a key in .github/release-signers, `verify` looks at what was tagged.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Public keys that tags may be signed by, as `ssh-keygen -Y verify` reads them; relative to the repository's root. */
export const SIGNERS = join(".github", "release-signers");
const TRIAL = "release-signing-trial";

const say = (line) => process.stderr.write(`${line}\n`);

function run(program, words, cwd) {
  return execFileSync(program, words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** What a command that failed wrote, without its prefix. */
function reasonOf(error) {
  return String(error.stderr || error.message).trim();
}

/**
 * Has git sign every tag of a repository with a key.
 *
 * @param key - An OpenSSH private key without a passphrase.
 * @param folder - Where its file is written, for this user alone.
 */
export function signTagsWith(key, { repository, folder }) {
  const file = join(folder, "release-signing-key");
  mkdirSync(folder, { recursive: true });
  // Secrets lose the line feed at their end on the way, and OpenSSH reads no key without it.
  writeFileSync(file, `${key.replaceAll("\r", "").trim()}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  try {
    run("ssh-keygen", ["-y", "-P", "", "-f", file], repository);
  } catch (error) {
    throw new Error(`RELEASE_SIGNING_KEY is no private key of OpenSSH without a passphrase: ${reasonOf(error)}`);
  }
  for (const [name, value] of [
    ["tag.gpgSign", "true"],
    ["gpg.format", "ssh"],
    ["user.signingKey", file],
    ["gpg.ssh.allowedSignersFile", SIGNERS],
  ])
    run("git", ["config", "--local", name, value], repository);
}

/** @throws Error for a tag that is not signed by one of the signers. */
export function verifyTag(tag, repository) {
  try {
    run("git", ["-c", `gpg.ssh.allowedSignersFile=${SIGNERS}`, "verify-tag", "--", tag], repository);
  } catch (error) {
    throw new Error(`The tag ${tag} is not signed by a key in ${SIGNERS}: ${reasonOf(error)}`);
  }
}

/** Makes a tag as `changeset publish` does, looks at it, and takes it away. @throws Error where it is not signed as it must be. */
export function checkSigning(repository) {
  const advice = `Nothing was published. See "Releases" in CONTRIBUTING.md.`;
  try {
    run("git", ["tag", TRIAL, "-m", TRIAL], repository);
  } catch (error) {
    throw new Error(`git makes no tag: ${reasonOf(error)}\n${advice}`);
  }
  try {
    verifyTag(TRIAL, repository);
  } catch (error) {
    throw new Error(`${error.message}\n${advice}`);
  } finally {
    run("git", ["tag", "-d", TRIAL], repository);
  }
}

/** Names of the tags of the commit that is checked out. */
export function tagsHere(repository) {
  return run("git", ["tag", "--points-at", "HEAD"], repository).split("\n").filter(Boolean);
}

const commands = {
  "set-up"(repository) {
    const { RELEASE_SIGNING_KEY: key = "", RUNNER_TEMP: folder = tmpdir() } = process.env;
    if (key.trim() === "") return say("RELEASE_SIGNING_KEY is empty: a release will be refused.");
    signTagsWith(key, { repository, folder });
    return say("git signs tags.");
  },
  check: checkSigning,
  verify(repository) {
    const tags = tagsHere(repository);
    for (const tag of tags) verifyTag(tag, repository);
    say(tags.length === 0 ? "There are no new tags." : `Signed: ${tags.join(", ")}`);
  },
};

if (process.argv[1] === import.meta.filename) {
  const command = commands[process.argv[2]];
  try {
    if (command === undefined) throw new Error(`One of ${Object.keys(commands).join(", ")} is wanted.`);
    command(run("git", ["rev-parse", "--show-toplevel"], process.cwd()));
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}

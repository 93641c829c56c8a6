// The part of the import law that `turbo boundaries` cannot see: pure packages stay pure, and only @vision/chain imports @polkadot/api.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const failures = [];

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

function forbid(folder, pattern, reason) {
  for (const path of sources(join(root, folder))) {
    readFileSync(path, "utf8")
      .split("\n")
      .forEach((line, index) => {
        const code = line.replace(/^\s*(\*|\/\/).*$/, "");
        if (pattern.test(code)) failures.push(`${relative(root, path)}:${index + 1}: ${reason}\n    ${line.trim()}`);
      });
  }
}

for (const name of ["protocol", "scoring", "signing"]) {
  forbid(
    `packages/${name}/src`,
    /\bDate\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|\bprocess\.(env|argv|exit|on)|\brandomUUID\(|\brandomBytes\(|getRandomValues\(|\bsetTimeout\(|\bsetInterval\(|\bfetch\(|\bconsole\.|from "node:(fs|net|http|https|child_process|worker_threads)/,
    "pure packages have no clock, IO or randomness of their own",
  );
}
for (const name of ["protocol", "scoring", "signing", "sdk", "tiny", "devnet"]) {
  forbid(`packages/${name}/src`, /(from|import\()\s*"@polkadot\/(api|types|rpc-)/, "only @vision/chain imports @polkadot/api");
}
for (const name of ["apps/validator/src", "apps/miner/src", "apps/localnet/src"])
  forbid(name, /(from|import\()\s*"@polkadot\//, "programs reach the chain through @vision/chain");
forbid("packages/sdk/src", /from "@vision\/scoring/, "the SDK never imports scoring");
const layers = {
  domain: ["services", "gateway", "exchange", "adapters", "config", "commands"],
  ports: ["services", "gateway", "exchange", "adapters", "config", "commands"],
  exchange: ["services", "gateway", "adapters", "config", "commands"],
  services: ["gateway", "adapters", "config", "commands"],
  gateway: ["services", "adapters", "config", "commands"],
};
for (const [layer, forbidden] of Object.entries(layers)) {
  forbid(
    `apps/validator/src/${layer}`,
    new RegExp(`from "(\\.\\./)+(${forbidden.join("|")})/`),
    `the validator's ${layer} does not import ${forbidden.join(", ")}`,
  );
}

// Tests run against the development node; turbo's allow-lists cannot tell tests from sources.
for (const name of ["packages/chain", "packages/sdk", "apps/validator", "apps/miner"]) {
  forbid(`${name}/src`, /(from|import\()\s*"@vision\/devnet/, "only tests and localnet use the development node");
}

if (failures.length > 0) {
  console.error(failures.join("\n"));
  process.exit(1);
}
console.log("The import law holds.");

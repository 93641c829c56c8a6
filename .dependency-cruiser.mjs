import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

// The import law (docs/architecture.md): who may import whom, and no circles. `npm run boundaries` checks it.

/** Workspaces and the workspaces that their sources may import, directly or not. */
const workspaces = {
  "packages/protocol": [],
  "packages/tiny": [],
  "packages/scoring": ["protocol"],
  "packages/signing": ["protocol"],
  "packages/chain": ["protocol", "signing"],
  "packages/devnet": ["protocol", "signing"],
  // A change of incentive must never force a miner to upgrade: the SDK knows nothing of scoring.
  "packages/sdk": ["protocol", "signing", "chain", "tiny"],
  "packages/create-vision-miner": [],
  "packages/program": ["protocol", "signing", "chain"],
  "packages/checking": ["protocol", "signing", "chain", "sdk", "scoring", "tiny"],
  "apps/miner": ["protocol", "signing", "chain", "sdk", "program", "scoring", "checking", "tiny"],
  "apps/validator": ["protocol", "signing", "chain", "sdk", "program", "scoring", "checking", "tiny"],
  "apps/dashboard": ["protocol", "scoring"],
  "apps/docs": [],
  // Weights as they are set and an epoch as the chain runs it; nothing that connects to one.
  "apps/lab": ["protocol", "scoring", "signing", "chain", "devnet"],
  "apps/localnet": ["protocol", "signing", "chain", "sdk", "program", "scoring", "checking", "tiny", "devnet"],
};

/** Layers of the validator and the layers that they never import. `create-*.ts` beside them put everything together. */
const layers = {
  domain: ["ports", "services", "gateway", "exchange", "adapters", "config", "commands", "threads"],
  ports: ["services", "gateway", "exchange", "adapters", "config", "commands", "threads"],
  exchange: ["services", "gateway", "adapters", "config", "commands", "threads"],
  services: ["gateway", "adapters", "config", "commands", "threads"],
  gateway: ["services", "adapters", "config", "commands", "threads"],
};

/** The files that workspaces publish as entries, from the `exports` of their package.json. */
const publicEntries = Object.keys(workspaces).flatMap((folder) => {
  const path = join(import.meta.dirname, folder, "package.json");
  if (!existsSync(path)) return [];
  const { exports = {} } = JSON.parse(readFileSync(path, "utf8"));
  return Object.values(exports).flatMap((entry) =>
    typeof entry === "object" && entry["@vision/source"] ? [join(folder, entry["@vision/source"])] : [],
  );
});

const tests = "\\.test\\.tsx?$|/(test|testing|bench)/";

const workspaceRules = Object.entries(workspaces).map(([folder, allowed]) => ({
  name: `${folder.replace("/", "-")}-imports-only-what-it-may`,
  severity: "error",
  from: { path: `^${folder}/src/`, pathNot: tests },
  to: { path: "^(packages|apps|examples)/", pathNot: [folder, ...allowed.map((name) => `packages/${name}`)].map((path) => `^${path}/`) },
}));

const layerRules = Object.entries(layers).map(([layer, forbidden]) => ({
  name: `validator-${layer}-is-below-the-others`,
  severity: "error",
  from: { path: `^apps/validator/src/${layer}/`, pathNot: tests },
  to: { path: `^apps/validator/src/(${forbidden.join("|")})/` },
}));

export default {
  forbidden: [
    ...workspaceRules,
    ...layerRules,
    {
      name: "no-circle",
      severity: "error",
      comment: "A circle of imports makes two files one that cannot be read or tested apart.",
      from: {},
      to: { circular: true },
    },
    {
      name: "public-entries-only",
      severity: "error",
      comment: "Other workspaces are reached by name, through what their package.json exports.",
      from: { path: "^(packages|apps|examples)/([^/]+)/" },
      to: {
        path: "^(packages|apps|examples)/",
        pathNot: ["^$1/$2/", "/dist/", ...publicEntries.map((path) => `^${path.replaceAll(".", "\\.")}$`)],
      },
    },
    {
      name: "pure-packages-do-no-io",
      severity: "error",
      comment: "protocol, scoring and signing get time, randomness and facts as arguments.",
      from: { path: "^packages/(protocol|scoring|signing)/src/", pathNot: tests },
      to: {
        dependencyTypes: ["core"],
        path: "^(fs|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|os|process|timers)(/|$)",
      },
    },
    {
      name: "only-chain-speaks-to-the-chain",
      severity: "error",
      from: { path: "^(packages|apps|examples)/", pathNot: ["^packages/chain/", tests] },
      to: { path: "node_modules/@polkadot/(api|types|rpc-)" },
    },
    {
      name: "programs-reach-the-chain-through-the-package",
      severity: "error",
      from: { path: "^(apps|packages/program)/[^/]*/?src/", pathNot: tests },
      to: { path: "node_modules/@polkadot/" },
    },
    {
      name: "examples-are-strangers",
      severity: "error",
      comment: "Reference miner and examples prove that public entries of the SDK suffice.",
      from: { path: "^examples/[^/]+/src/", pathNot: tests },
      to: { path: "^(packages|apps)/", pathNot: "^packages/(sdk|tiny)/" },
    },
    {
      name: "domain-has-no-io",
      severity: "error",
      from: { path: "^apps/validator/src/domain/", pathNot: tests },
      to: { dependencyTypes: ["core"], path: "^(fs|http|https|child_process|worker_threads)(/|$)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules|/dist/" },
    exclude: { path: "(^|/)dist/|/kernels/assembly/" },
    tsConfig: { fileName: "tsconfig.json" },
    // Types count: a type that comes from above is knowledge that comes from above.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@vision/source", "import", "node", "default"],
      extensions: [".ts", ".tsx", ".js", ".json"],
    },
  },
};

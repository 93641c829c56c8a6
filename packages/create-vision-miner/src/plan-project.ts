import type { BackendKind } from "./backend-kinds.js";

/** What a project is made from. */
export type ProjectPlan = {
  /** The folder's last part; becomes the package's name. */
  readonly name: string;
  readonly backend: BackendKind;
  readonly url: string | null;
  readonly model: string | null;
  readonly task: string;
  /** Version of `@vision/sdk` that the project asks for. */
  readonly sdkVersion: string;
};

/** The files of a project: where each comes from in `template/`, and its own text where it comes from nowhere. */
export type PlannedFile = { readonly path: string } & ({ readonly template: string } | { readonly text: string });

/** The files of a project, and the words that its templates leave open. */
export function planProject(plan: ProjectPlan): {
  readonly files: readonly PlannedFile[];
  readonly words: Readonly<Record<string, string>>;
} {
  const { name, backend, url, model, task, sdkVersion } = plan;
  const manifest = {
    name: packageName(name),
    version: "0.1.0",
    private: true,
    type: "module",
    engines: { node: ">=20.19.0" },
    scripts: { start: "node miner.js", test: "node --test" },
    dependencies: { "@vision/sdk": sdkVersion, ...backend.dependencies },
  };
  return {
    files: [
      { path: "package.json", text: `${JSON.stringify(manifest, null, 2)}\n` },
      { path: ".env", text: environment(plan) },
      { path: ".gitignore", template: "gitignore" },
      { path: "README.md", template: "README.md" },
      { path: "miner.js", template: "miner.js" },
      { path: "settings.js", template: "settings.js" },
      { path: "subnet.js", template: "subnet.js" },
      { path: "backend.js", template: `backends/${backend.source}.js` },
      { path: "backend.test.js", template: `tests/${backend.test}.js` },
    ],
    words: {
      __NAME__: name,
      __SERVER__: backend.label,
      __TASK__: task,
      __URL__: url ?? "",
      __MODEL__: (model ?? "model.gguf").replaceAll("\\", "/"),
    },
  };
}

function environment({ backend, url, model, task }: ProjectPlan): string {
  const lines = [`TASK=${task}`];
  if (url !== null && backend.source === "server") lines.push(`MODEL_SERVER_URL=${url}`);
  if (model !== null) lines.push(`MODEL=${JSON.stringify(model)}`);
  lines.push(
    "CAPACITY_PER_HOUR=500000",
    "# To join a subnet:",
    "# NETUID=",
    "# NETWORK=finney",
    "# WALLET=",
    "# WALLET_HOTKEY=",
    "# HOST=0.0.0.0",
  );
  lines.push("# ANNOUNCE_HOST=");
  return `${lines.join("\n")}\n`;
}

/** A name that npm takes. */
function packageName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "vision-miner" : plain.slice(0, 200);
}

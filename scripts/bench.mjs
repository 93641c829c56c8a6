// `npm run bench [-- NAME]`: runs every benchmark in a workspace's bench folder, one after the other. They print ratios; they are no tests.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const filter = process.argv[2] ?? "";
let failures = 0;

// Benchmarks measure what is published: the built packages.
const build = spawnSync(process.execPath, [join(root, "node_modules/turbo/bin/turbo"), "run", "build", "--output-logs=errors-only"], {
  cwd: root,
  stdio: ["ignore", 2, 2],
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
});
if (build.status !== 0) process.exit(build.status ?? 1);

for (const group of ["packages", "apps"]) {
  for (const workspace of readdirSync(join(root, group))) {
    const folder = join(root, group, workspace, "bench");
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".bench.mjs") && `${workspace}/${name}`.includes(filter))) {
      console.log(`\n# ${group}/${workspace}/bench/${file}`);
      const result = spawnSync(process.execPath, ["--expose-gc", join(folder, file)], {
        cwd: join(root, group, workspace),
        stdio: "inherit",
      });
      if (result.status !== 0) failures += 1;
    }
  }
}
process.exit(failures === 0 ? 0 : 1);

// `npm run bench [-- NAME]`: runs every benchmark in a workspace's bench folder, one after the other. They print ratios; they are no tests.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { buildWorkspaces, root } from "./run-turbo.mjs";

const filter = process.argv[2] ?? "";
let failures = 0;

// Benchmarks measure what is published: the built packages.
buildWorkspaces();

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

// `npm test`: builds what the tests run as programs or packages (cached), then one jest run over every workspace. Extra arguments go to jest.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildWorkspaces, root } from "./run-turbo.mjs";

buildWorkspaces();
const jest = join(root, "node_modules", "jest", "bin", "jest.js");
const flags = ["--experimental-vm-modules", "--no-warnings=ExperimentalWarning"];
const result = spawnSync(process.execPath, [...flags, jest, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exit(result.status ?? 1);

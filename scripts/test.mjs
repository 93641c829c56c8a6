// `npm test`: builds what the tests run as programs or packages (cached), then one jest run over every workspace, without the suites that
// jest.config.mjs calls long. `npm run test:long` runs those. Extra arguments go to jest; with a pattern or a name among them every suite
// may run.
import { runJest } from "./run-jest.mjs";
import { buildWorkspaces } from "./run-turbo.mjs";

const args = process.argv.slice(2);
const isLong = args[0] === "--long";
const jestArgs = isLong ? args.slice(1) : args;
const isNamed = !isLong && jestArgs.some((arg) => !arg.startsWith("--"));

// The site of the docs is built for a long suite alone.
buildWorkspaces(isLong || isNamed ? [] : ["!@vision/docs-app"]);
const env = { ...process.env, VISION_TEST_LENGTH: isLong ? "long" : isNamed ? "any" : "short" };
process.exit(await runJest(jestArgs, { env }));

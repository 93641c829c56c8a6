// `npm test`: builds what the tests run as programs or packages (cached), then one jest run over every workspace. Extra arguments go to jest.
import { runJest } from "./run-jest.mjs";
import { buildWorkspaces } from "./run-turbo.mjs";

buildWorkspaces();
process.exit(await runJest(process.argv.slice(2)));

// `npm run faults [-- ROUNDS [WORD]]`: strikes the real validator, its database, its chain and a real miner with kills, exceptions, wrong clocks,
// cuts, hangs and a full disk, so often each (3 if not given), or only with those whose names hold a word, such as "clock", and prints what came
// of it and how often the log told of it. `npm test` runs one round of the shorter ones.
import { runJest } from "./run-jest.mjs";
import { buildWorkspaces } from "./run-turbo.mjs";

const [given = "3", word = ""] = process.argv.slice(2);
const rounds = Number(given);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("The number of rounds must be a whole number from 1.");
  process.exit(2);
}
buildWorkspaces(["@vision/tiny"]);
const env = { ...process.env, VISION_FAULTS_ROUNDS: String(rounds), VISION_FAULTS_WORD: word };
process.exit(await runJest(["apps/validator/test/faults", "--silent=false"], { env }));

import {
  createReferenceModel,
  groupConversations,
  type SharedConversation,
  writeByModel,
  writeConversation,
  writeSystemText,
} from "@vision/checking";
import { changeRegistry, createRegistry } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { TASK_ID } from "./collect.js";

const SYSTEM_TEXTS = 6;
/** The model may write what no user would. */
const MOST_TRIES = 3;

/** So many conversations as the model of a GGUF file writes them for the validator; fewer where it writes too much that no user would. */
export async function writeByFile(path: string, count: number, seed: string): Promise<readonly SharedConversation[]> {
  const task = changeRegistry(createRegistry(), { [TASK_ID]: { isEnabled: true } }).get(TASK_ID);
  if (task === undefined) throw new Error(`there is no task ${TASK_ID}`);
  const model = createReferenceModel({ kind: "gguf", path, threads: 1, contextTokens: 2_048, gpu: false });
  const { signal } = new AbortController();
  const random = createSeededRandom(seed, ["written"]);
  const write = (prompt: Parameters<typeof writeByModel>[0]["prompt"], how: { readonly maxTokens: number; readonly seed: number }) =>
    writeByModel({ prompt, ...how, signal }, model);
  const systemTexts: string[] = [];
  const requests = [];
  const isTold = process.stderr.isTTY;
  for (let tried = 0, written = 0; written < count && tried < count * MOST_TRIES; tried += 1) {
    if (systemTexts.length < SYSTEM_TEXTS && tried % 2 === 0)
      systemTexts.push(...[await writeSystemText({ task, random, write })].filter((text) => text !== null));
    const conversation = await writeConversation({ task, random, systemTexts, write });
    if (conversation === null) continue;
    written += 1;
    requests.push(...conversation);
    if (isTold) process.stderr.write(`\r${written} of ${count} conversations written`);
  }
  await model.close();
  return groupConversations(requests.map((request) => ({ hotkeys: [], request })));
}

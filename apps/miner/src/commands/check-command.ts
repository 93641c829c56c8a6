import { randomBytes } from "node:crypto";
import { type CheckOfOwnAnswers, checkOwnAnswers, type TaskFindings } from "@vision/checking";
import { type ExitCode, exitCodes, type LoadedSettings, type Terminal } from "@vision/program";
import { silentLogger, type Task } from "@vision/sdk";
import { definitionOf } from "../backends/open-backends.js";
import { describeFindings } from "../checking/describe-findings.js";
import { openReference } from "../checking/open-reference.js";
import { openOwnMiner, openRunningMiner } from "../checking/open-target.js";
import type { ReferenceChoice } from "../checking/parse-reference.js";
import type { MinerConfig } from "../config/miner-config.js";

/** What `vision-miner check` is asked for. */
export type CheckCommandOptions = {
  readonly reference: ReferenceChoice;
  /** Name of the model at a vLLM server; null for the task's. */
  readonly modelName: string | null;
  /** Task ids; null for all that the configuration serves and the reference can judge. */
  readonly taskIds: readonly string[] | null;
  readonly answersEach: number;
  /** Requests are drawn from it; null for new ones. */
  readonly seed: string | null;
  /** A running miner of the configured hotkey; null for one in this process. */
  readonly url: string | null;
  readonly isJson: boolean;
};

type Surroundings = {
  readonly terminal: Pick<Terminal, "print" | "note">;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
};

/** Validators have a few requests at a miner at a time. */
const MOST_AT_ONCE = 4;

/** As many as every task has room for: more would be refused, which says nothing of the answers. */
function requestsAtOnce({ tasks, pools = {} }: Pick<MinerConfig, "tasks" | "pools">): number {
  const rooms = [...Object.values(tasks), ...Object.values(pools)].flatMap(({ concurrency }) => concurrency ?? []);
  return Math.min(MOST_AT_ONCE, ...rooms);
}

/**
 * `vision-miner check`: asks this miner as a validator does, judges its answers by the same judge, and says why.
 *
 * @returns 0 when a validator would pay every task in full, 1 when it would not, 2 for a task that is not served, 3 when the miner does not let itself be asked, 4 when no answer of a task
 * could be judged.
 * @throws VisionError `REFERENCE_UNAVAILABLE` where the reference does not work.
 */
export async function checkCommand(
  { settings, folder }: LoadedSettings<MinerConfig>,
  options: CheckCommandOptions,
  { terminal, environment, signal }: Surroundings,
): Promise<ExitCode> {
  const { url, isJson } = options;
  const served = Object.keys(settings.tasks).flatMap((id) => definitionOf(id, settings) ?? []);
  const unknown = (options.taskIds ?? []).filter((id) => !served.some((task) => task.id === id));
  if (unknown.length > 0) {
    terminal.note(`The configuration serves no known task ${unknown.join(", ")}; it serves ${served.map(({ id }) => id).join(", ")}.`);
    return exitCodes.misused;
  }
  const wanted = served.filter(({ id }) => options.taskIds?.includes(id) ?? true).map((task): Task => ({ ...task, isEnabled: true }));
  const reference = openReference(options.reference, { tasks: wanted, modelName: options.modelName });
  // Tasks that were not asked for by name and that this reference knows nothing of are another check's.
  const tasks = options.taskIds === null ? wanted.filter((task) => reference.canCheck(task)) : wanted;
  if (tasks.length === 0) {
    terminal.note("The reference can judge none of the served tasks; name their model with --reference gguf:PATH or vllm:URL.");
    return exitCodes.nothing;
  }
  const seed = options.seed ?? randomBytes(8).toString("hex");
  const surroundings = { baseDirectory: folder, environment, logger: silentLogger };
  const own = await (url === null ? openOwnMiner(settings, surroundings) : openRunningMiner(url, settings, surroundings));
  let checked: CheckOfOwnAnswers;
  try {
    checked = await checkOwnAnswers({
      ...{ tasks, answersEach: options.answersEach, concurrency: requestsAtOnce(settings), reference, signal },
      ...{ target: own.target, client: own.client, seed },
      onProgress: ({ taskId, stage, done, of }) => {
        if (done === of || done % 10 === 0) terminal.note(`${taskId}: ${done} of ${of} ${stage}`);
      },
    });
  } finally {
    await own.close();
    await reference.close();
  }
  if (checked.kind === "refused") {
    const hint =
      url === null ? "" : " Name its hotkey in its validators.allow, or leave out --url: the backends are then asked in this process.";
    terminal.note(`The miner does not tell its capacities: ${checked.reason}.${hint}`);
    return exitCodes.unreachable;
  }
  const { tasks: findings } = checked;
  if (isJson) terminal.print(JSON.stringify({ seed, tasks: findings }, null, 2));
  else terminal.print(`${describeFindings(findings)}\nThe same requests again: --seed ${seed}`);
  return exitCodeOf(findings);
}

function exitCodeOf(findings: readonly TaskFindings[]): ExitCode {
  const isFailed = findings.some(
    ({ outlook, findings: each }) => outlook === "less" || outlook === "nothing" || each.some(({ kind }) => kind === "failed"),
  );
  if (isFailed) return exitCodes.failed;
  return findings.some(({ outlook }) => outlook === "unjudged") ? exitCodes.nothing : exitCodes.ok;
}

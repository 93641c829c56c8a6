import { ChainError, createVote, encodeVote, formatTao, readVotes, type Vote } from "@vision/chain";
import { type ExitCode, exitCodes, loadHotkey, renderTable, type SettingSources } from "@vision/program";
import { enabledTasks, type TaskRegistry, VisionError } from "@vision/protocol";
import { loadChainConfig, loadConfig } from "../config/index.js";
import { describeVotes, type VotesReport } from "../domain/describe-votes.js";
import { nextVoteBlock } from "../domain/task-weights.js";
import type { CommandContext } from "./command-context.js";
import { withChain } from "./with-chain.js";

/**
 * The vote in words such as `chat-tiny=0.6 completion-tiny=0.4`. Shares of any scale.
 *
 * @throws VisionError `CONFIG_INVALID` with every mistake at once; ChainError `CHAIN_INVALID_VOTE` when all shares are zero.
 */
function parseVote(words: readonly string[], registry: TaskRegistry): Vote {
  const tasks = enabledTasks(registry).map(({ id }) => id);
  const shares: Record<string, number> = {};
  const problems = words.flatMap((word) => {
    const [, id, text] = /^([^=]+)=(\d+(?:\.\d+)?%?)$/.exec(word) ?? [];
    if (id === undefined || text === undefined) return [`${word}: must be TASK=SHARE, such as ${tasks[0] ?? "task"}=0.6`];
    if (!tasks.includes(id)) return [`${id}: there is no such task; there are ${tasks.join(", ")}`];
    if (Object.hasOwn(shares, id)) return [`${id}: is named twice`];
    shares[id] = Number(text.replace("%", ""));
    return [];
  });
  if (problems.length === 0) return createVote(shares);
  throw new VisionError({ code: "CONFIG_INVALID", message: `This is no vote:\n${problems.map((each) => `  - ${each}`).join("\n")}` });
}

const percent = (ppm: number | undefined) => `${((ppm ?? 0) / 10_000).toFixed(2)} %`;

function describeVote(vote: Vote): string {
  return [...vote].map(([id, ppm]) => `  ${id}  ${percent(ppm)}\n`).join("");
}

/** What an operator can do about a refusal that has to do with commitments. */
function explainRefusal(error: unknown): never {
  const chainName = ChainError.isInstance(error) ? error.chainName : null;
  const advice =
    chainName === "SpaceLimitExceeded"
      ? "A hotkey may publish about 31 times an epoch; try again in the next epoch."
      : chainName === "AccountNotAllowedCommit"
        ? "Only a hotkey that is registered on the subnet can publish a vote."
        : null;
  if (advice === null || !ChainError.isInstance(error)) throw error;
  throw new ChainError({
    code: "CHAIN_REJECTED",
    message: `${error.message}\n${advice}`,
    chainName,
    isRetryable: error.isRetryable,
    retryAfterBlocks: error.retryAfterBlocks,
    cause: error,
  });
}

/** `vision-validator vote set`: publishes this validator's vote on the task weights, signed by its hotkey. */
export async function setVote(
  sources: SettingSources,
  options: { readonly shares: readonly string[] },
  context: CommandContext,
): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const { netuid } = config;
  const vote = parseVote(options.shares, config.registry);
  const bytes = encodeVote(vote);
  const signer = await loadHotkey(config, { environment: context.environment });
  return withChain(config, context.signal, async (chain) => {
    const { signal } = context;
    const neuron = (await chain.getMetagraph(netuid, { signal })).neurons.find(({ hotkey }) => hotkey === signer.address);
    if (neuron === undefined) {
      context.writeError(`The hotkey ${signer.address} is not registered on subnet ${netuid}; only a registered one can vote.\n`);
      return exitCodes.failed;
    }
    const present = (await chain.getCommitments(netuid, { signal })).get(signer.address);
    if (present !== undefined && Buffer.from(present).equals(bytes)) {
      context.writeOut(`This is your vote already:\n${describeVote(vote)}`);
      return exitCodes.nothing;
    }
    const { blockNumber } = await chain.setCommitment({ netuid, bytes, signer }, { signal }).catch(explainRefusal);
    context.writeOut(`Your vote is in block ${blockNumber} (${bytes.length} bytes):\n${describeVote(vote)}`);
    context.writeError(
      neuron.hasValidatorPermit && neuron.stakeRao > 0n
        ? `It counts from block ${nextVoteBlock(blockNumber - 1)} on.\n`
        : "It counts once the hotkey has stake and a validator permit.\n",
    );
    return exitCodes.ok;
  });
}

function renderVotes(report: VotesReport): string {
  const tasks = Object.keys(report.outcomePpm);
  const shares = (weights: Readonly<Record<string, number>>) => tasks.map((id) => percent(weights[id]));
  const rows = report.voters.map((voter) => [voter.hotkey, formatTao(BigInt(voter.stakeRao)), voter.kind, ...shares(voter.weightsPpm)]);
  const table = renderTable(
    ["validator", "stake", "counts as", ...tasks],
    [...rows, ["outcome", "", "", ...shares(report.outcomePpm)], ["default", "", "", ...shares(report.defaultPpm)]],
  );
  const notes = report.voters.flatMap(({ hotkey, problem, ignoredTasks }) => [
    ...(problem === null ? [] : [`${hotkey}: its commitment is no vote: ${problem}. The default counts for it.\n`]),
    ...(ignoredTasks.length === 0 ? [] : [`${hotkey}: votes for unknown tasks, which are ignored: ${ignoredTasks.join(", ")}.\n`]),
  ]);
  return `Votes at block ${report.blockNumber}. They are counted at block ${nextVoteBlock(report.blockNumber)} next.\n\n${table}${notes.length === 0 ? "" : `\n${notes.join("")}`}`;
}

/** `vision-validator vote show`: who voted what, with which stake, and what comes of it. */
export async function showVotes(
  sources: SettingSources,
  options: { readonly isJson: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const config = await loadChainConfig(sources);
  return withChain(config, context.signal, async (chain) => {
    const { signal } = context;
    const block = await chain.getBlock({ signal });
    const votes = await readVotes(chain, config.netuid, { atBlockHash: block.hash, signal });
    const report = describeVotes(block.number, votes, config);
    context.writeOut(options.isJson ? `${JSON.stringify(report)}\n` : renderVotes(report));
    return exitCodes.ok;
  });
}

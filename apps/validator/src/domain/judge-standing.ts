import { formatTao, type Hyperparameters, type Neuron } from "@vision/chain";
import { type Finding, fail, ok, warn } from "@vision/program";

/** Whether the stake suffices for weights. */
export function judgeStake(
  { stakeRao }: Pick<Neuron, "stakeRao">,
  { stakeThresholdRao }: Pick<Hyperparameters, "stakeThresholdRao">,
): Finding {
  const stake = formatTao(stakeRao);
  if (stakeRao >= stakeThresholdRao) return ok(`${stake}, the chain asks for ${formatTao(stakeThresholdRao)}`);
  return fail(
    `${stake}, and weights take ${formatTao(stakeThresholdRao)}`,
    "Stake more on the hotkey on this subnet, from the machine with the coldkey; until then the chain refuses weights.",
  );
}

/** Whether the subnet lets the neuron set weights. */
export function judgePermit(
  { hasValidatorPermit }: Pick<Neuron, "hasValidatorPermit">,
  { tempoBlocks }: Pick<Hyperparameters, "tempoBlocks">,
): Finding {
  if (hasValidatorPermit) return ok("held");
  return fail(
    "the subnet gave this hotkey no validator permit",
    `It goes to those with the most stake, at each epoch (${tempoBlocks} blocks): stake more, or wait for the next one.`,
  );
}

/** Whether other validators could copy this one's weights while they are fresh. */
export function judgeCommitReveal({ isCommitRevealEnabled }: Pick<Hyperparameters, "isCommitRevealEnabled">): Finding {
  if (isCommitRevealEnabled) return ok("commit-reveal is on");
  return warn(
    "commit-reveal is switched off: weights are public the moment they are set, and can be copied",
    "Ask the subnet's owner to switch it on (commit_reveal_weights_enabled).",
  );
}

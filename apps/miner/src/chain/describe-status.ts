import { hostAndPort } from "@vision/program";
import type { NeuronEndpoint } from "@vision/sdk/chain";
import { type ProbeResult, statusUrl } from "./probe-endpoint.js";
import type { StatusReport } from "./status-report.js";

/** A status as lines of text, its problems below. */
export async function describeStatus(report: StatusReport, problems: readonly string[]): Promise<string> {
  const { describeBlocks, formatTao } = await import("@vision/sdk/chain");
  const lines = [
    `network     ${report.network}, block ${report.blockNumber}`,
    `subnet      ${report.netuid}`,
    `hotkey      ${report.hotkey}`,
  ];
  if (report.isRegistered) {
    const { immunityLeftBlocks, incentiveFraction, incentiveRank, neuronCount, tempoBlocks } = report;
    const immunity = immunityLeftBlocks === 0 ? "immunity is over" : `immune for ${describeBlocks(immunityLeftBlocks)} more`;
    lines.push(
      `uid         ${report.uid}, registered in block ${report.registeredAtBlock}, ${immunity}`,
      `published   ${describeEndpoint(report.publishedEndpoint)}`,
      `configured  ${describeEndpoint(report.configuredEndpoint)}`,
      `stake       ${formatTao(BigInt(report.stakeRao))}`,
      `incentive   ${(incentiveFraction * 100).toFixed(4)} %${incentiveFraction > 0 ? `, place ${incentiveRank} of ${neuronCount}` : ""}`,
      `emission    ${formatTao(BigInt(report.emissionRao))} alpha at the last epoch; an epoch is ${describeBlocks(tempoBlocks)}`,
    );
    if (report.publishedEndpoint !== null)
      lines.push(`answers     ${describeProbe(report.probe)} at ${statusUrl(report.publishedEndpoint)}`);
  } else {
    lines.push("uid         none", `price       ${formatTao(BigInt(report.registrationCostRao))} TAO now`);
  }
  return [...lines, ...problems.map((problem) => `  ! ${problem}`)].join("\n");
}

function describeEndpoint(endpoint: NeuronEndpoint | null): string {
  return endpoint === null ? "nothing" : hostAndPort(endpoint);
}

function describeProbe(probe: ProbeResult | null): string {
  return probe?.kind === "answers" ? `yes, with ${probe.tasks.join(", ") || "no task"},` : "no,";
}

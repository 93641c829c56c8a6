import { type ChainClient, ChainError, connect } from "@vision/chain";
import { type ChainSettings, chainPlace, createLogger, describeChainPlace } from "@vision/program";
import { anySignal } from "@vision/protocol";

const CONNECT_TIMEOUT_MS = 30_000;

/**
 * Works with the chain of a configuration. A command does not wait for a chain that is away as the running validator does.
 *
 * @throws ChainError `CHAIN_UNREACHABLE` after 30 s.
 */
export async function withChain<Result>(
  settings: ChainSettings,
  signal: AbortSignal,
  work: (chain: ChainClient) => Promise<Result>,
): Promise<Result> {
  const patience = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  const logger = createLogger({ level: "error" });
  const chain = await connect({ ...chainPlace(settings), logger, signal: anySignal([signal, patience]) }).catch((cause: unknown) => {
    if (!patience.aborted || signal.aborted) throw cause;
    throw new ChainError({
      code: "CHAIN_UNREACHABLE",
      message: `The chain at ${describeChainPlace(settings)} does not answer.`,
      hint: "Check network and chain.endpoints, and the connection.",
      isRetryable: true,
      cause,
    });
  });
  try {
    return await work(chain);
  } finally {
    await chain.close();
  }
}

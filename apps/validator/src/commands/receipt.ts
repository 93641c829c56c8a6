import { type ExitCode, exitCodes, loadHotkey, type SettingSources } from "@vision/program";
import { receiptMessage } from "@vision/protocol";
import { ready, verifyReceipt } from "@vision/signing";
import { loadConfig } from "../config/index.js";
import type { CommandContext } from "./command-context.js";
import { withStore } from "./with-store.js";

/** `vision-validator receipt <request-id>`: the miner's signature under a checked answer, with all that anybody needs to verify it. */
export async function receipt(
  sources: SettingSources,
  options: { readonly requestId: string },
  context: CommandContext,
): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const { address: validator } = await loadHotkey(config, { environment: context.environment });
  const kept = await withStore(config.database, context.signal, (store) => store.getReceipt(options.requestId));
  if (kept === null) {
    context.writeError("There is no receipt of that request: only answers that were checked keep theirs.\n");
    return exitCodes.nothing;
  }
  await ready();
  const parties = { miner: kept.hotkey, validator };
  const isValid = verifyReceipt(kept.receipt, parties);
  const shown = { ...parties, ...kept.receipt, message: receiptMessage({ ...kept.receipt, ...parties }), isValid };
  context.writeOut(`${JSON.stringify(shown, null, 2)}\n`);
  return isValid ? exitCodes.ok : exitCodes.failed;
}

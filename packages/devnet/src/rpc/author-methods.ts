import type { NodeEvent } from "../node/dev-node.js";
import { toHex } from "../scale/hex.js";
import { unsubscribe } from "./chain-methods.js";
import type { Method, MethodContext, Methods } from "./methods.js";
import { bytesParam, parseParams } from "./params.js";
import { refusalError } from "./refusal-error.js";

function submit(params: readonly unknown[], { node }: MethodContext): string {
  const [bytes] = parseParams(params, bytesParam);
  const submission = node.submit(bytes);
  if (!submission.ok) throw refusalError(submission.refusal);
  return submission.extrinsic.hash;
}

/**
 * Milliseconds between telling that an extrinsic is in a block and that the block is final. A client that is told both at once skips the first
 * (@polkadot/api drops what it has not worked off yet), and code that waits for `isInBlock` alone would wait for ever.
 */
const FINALITY_DELAY_MS = 500;

const submitAndWatch: Method = (params, context) => {
  const { node, connection } = context;
  return connection.subscribe("author_extrinsicUpdate", (notify) => {
    let hash: string | null = null;
    let timer: NodeJS.Timeout | undefined;
    const stopListening = node.listen((event: NodeEvent) => {
      if (hash === null) return;
      if (event.kind === "dropped" && event.hash === hash) {
        notify("invalid");
        stopListening();
      }
      if (event.kind !== "block" || !event.block.extrinsics.some((each) => each.hash === hash)) return;
      stopListening();
      const { hash: blockHash } = event.block;
      notify({ inBlock: blockHash });
      timer = setTimeout(() => notify({ finalized: blockHash }), FINALITY_DELAY_MS);
    });
    const stop = (): void => {
      stopListening();
      clearTimeout(timer);
    };
    try {
      hash = submit(params, context);
    } catch (error) {
      stop();
      throw error;
    }
    notify("ready");
    return stop;
  });
};

/** Submission of extrinsics. */
export const authorMethods: Methods = {
  author_submitExtrinsic: submit,
  author_submitAndWatchExtrinsic: submitAndWatch,
  author_unwatchExtrinsic: unsubscribe,
  author_pendingExtrinsics: (_params, { node }) => node.pending.map(({ bytes }) => toHex(bytes)),
};

import { createReferenceModel } from "@vision/checking";
import type { ReferenceModel } from "../ports/index.js";
import { type CallHost, createCallHost } from "./calls-over-messages.js";
import type { FromModel, ModelCall, ModelReplies, ToModel } from "./model-messages.js";

/** Answers questions to one reference model until the process that started this one is gone, or lets go. */
export function runModelProcess(): void {
  let host: CallHost<ModelCall> | null = null;
  process.on("message", (message: ToModel) => {
    if (message.kind !== "open") return host?.receive(message);
    const model = createReferenceModel(message.settings);
    host = createCallHost<ModelCall, ModelReplies[keyof ModelReplies]>(
      (call, { signal }) => answer(model, call, signal),
      (reply: FromModel) => void process.send?.(reply),
    );
    return undefined;
  });
  process.once("disconnect", () => process.exit(0));
  // Ctrl-C and a terminal that closes reach the whole group; whoever started this process ends it when it needs no more answers.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
}

function answer(model: ReferenceModel, call: ModelCall, signal: AbortSignal): Promise<ModelReplies[keyof ModelReplies]> {
  switch (call.what) {
    case "facts":
      return model.facts(signal);
    case "readPrompt":
      return model.readPrompt(call.prompt, signal);
    case "encode":
      return model.encode(call.text, signal);
    case "decode":
      return model.decode(call.tokenIds, signal);
    case "idsOf":
      return model.idsOf(call.tokens, signal);
    case "score":
      return model.score(call.answer, signal);
    case "write":
      return model.write(call.writing, signal);
  }
}

import type { BlockContext } from "./typecheck-blocks.js";

/** What pages leave to their reader, by block: the names of theirs that a block uses. */
export const blockContexts: Readonly<Record<string, BlockContext>> = {
  "README.md#6": { before: "declare const apiKey: string;" },
  "apps/lab/README.md#2": { folder: "apps/lab/src/strategies" },
  "docs/chain.md#1": { before: 'import type { Neuron } from "@vision/chain"; declare function scoreOf(neuron: Neuron): number;' },
  "packages/scoring/README.md#1": {
    before: `import type { EpochObservations } from "@vision/scoring";
declare const period: number, targets: EpochObservations["targets"], series: EpochObservations["series"], hotkey: string;`,
  },
  "packages/sdk/README.md#2": {
    before: `import type { GeneratedToken, TextRequest } from "@vision/sdk/backends";
declare const engine: {
  tokenize(prompt: TextRequest["prompt"]): readonly number[];
  generate(tokens: readonly number[], sampling: TextRequest["sampling"], signal: AbortSignal): AsyncIterable<GeneratedToken>;
};`,
  },
  "packages/sdk/README.md#3": {
    before: `declare function callMyServer(
  messages: readonly unknown[],
  signal: AbortSignal,
): Promise<{ isFull: boolean; chunks: AsyncIterable<unknown>; text(): Promise<string> }>;`,
  },
  "packages/sdk/README.md#4": {
    before: `import type { RequestBody } from "@vision/protocol";
import type { Hotkey, Task } from "@vision/sdk";
declare const hotkey: Hotkey, minerAddress: string, task: Task, request: RequestBody, user: { show(parts: readonly unknown[]): Promise<void> };`,
  },
  "packages/signing/README.md#1": { before: "declare const body: Uint8Array, minerAddress: string;" },
  "packages/tiny/README.md#2": {
    before: "declare const promptTokens: readonly number[], outputTokens: readonly number[], signal: AbortSignal;",
  },
};

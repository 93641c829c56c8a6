import { BackendError } from "../inference-backend.js";

/** The part of `node-llama-cpp` 3 that the backend uses. Declared here, because the package is optional and its types may be missing. */
export type LlamaModule = {
  getLlama(options: { readonly gpu: "auto" | false; readonly build: "never"; readonly logLevel: "error" }): Promise<Llama>;
  resolveChatWrapper(model: LlamaModel): ChatWrapper;
};

export type Llama = {
  loadModel(options: { readonly modelPath: string; readonly loadSignal?: AbortSignal }): Promise<LlamaModel>;
  dispose(): Promise<void>;
};

export type LlamaModel = {
  readonly tokenizer: unknown;
  readonly tokens: { readonly bos: number | null; readonly eos: number | null; readonly shouldPrependBosToken: boolean };
  readonly fileInfo: { readonly metadata: unknown };
  isEogToken(token: number): boolean;
  tokenize(text: string, specialTokens?: boolean): number[];
  detokenize(tokens: readonly number[], specialTokens?: boolean): string;
  createContext(options: { readonly contextSize?: number; readonly sequences: number; readonly threads: number }): Promise<LlamaContext>;
};

export type LlamaContext = {
  readonly contextSize: number;
  getSequence(): LlamaSequence;
  dispose(): Promise<void>;
};

export type LlamaSequence = {
  clearHistory(): Promise<void>;
  controlledEvaluate(input: readonly EvaluateItem[]): Promise<readonly (EvaluateOutput | undefined)[]>;
};

export type EvaluateItem =
  | number
  | readonly [
      token: number,
      options: {
        readonly generateNext: {
          readonly token: true;
          readonly totalLogitWeight: true;
          readonly logits:
            | true
            | { readonly filter: { readonly tokens: readonly number[]; readonly includeSelected?: boolean; readonly includeTop?: number } };
          readonly options: { readonly temperature: 0 };
        };
      },
    ];

export type EvaluateOutput = {
  readonly next: { readonly token?: number | null; readonly logits?: ReadonlyMap<number, number>; readonly totalLogitWeight?: number };
};

type ChatItem =
  | { readonly type: "system" | "user"; readonly text: string }
  | { readonly type: "model"; readonly response: readonly string[] };

export type ChatWrapper = {
  generateContextState(options: { readonly chatHistory: readonly ChatItem[] }): {
    readonly contextText: { tokenize(tokenizer: unknown): number[] };
  };
};

/**
 * The installed `node-llama-cpp`.
 *
 * @throws BackendError `failed` with the command to install it when it is not there.
 */
export async function loadNodeLlamaCpp(): Promise<LlamaModule> {
  // A variable keeps compilers and bundlers from wanting the optional package.
  const packageName = "node-llama-cpp";
  try {
    return (await import(packageName)) as LlamaModule;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `node-llama-cpp cannot be loaded. Install it beside this program: npm install node-llama-cpp (${reason})`;
    throw new BackendError({ code: "failed", message, cause });
  }
}

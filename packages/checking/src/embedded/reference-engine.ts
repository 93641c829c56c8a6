import type { GeneratedToken, GenerateOptions, ImageOptions, RgbImage, ScoreOptions, TinyModelName, TokenScore } from "@vision/tiny";

/** The embedded models as the reference needs them: in a thread of their own, or in this one. */
export type ReferenceEngine = {
  score(model: TinyModelName, options: ScoreOptions & { readonly signal?: AbortSignal }): Promise<readonly TokenScore[]>;
  /** One vector for each text. */
  embed(
    model: TinyModelName,
    options: { readonly texts: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<readonly ArrayLike<number>[]>;
  generateText(model: TinyModelName, options: GenerateOptions & { readonly signal?: AbortSignal }): Promise<readonly GeneratedToken[]>;
  generateImage(model: TinyModelName, options: ImageOptions & { readonly signal?: AbortSignal }): Promise<RgbImage>;
  close(): Promise<void>;
};

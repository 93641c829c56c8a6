import type { PresenterFactory } from "./presenter.js";

/** Images in OpenAI's shape. */
export const imagePresenter: PresenterFactory = {
  idPrefix: "img-",
  isStreamWanted: () => false,
  promptCharacters: () => 0,
  create: ({ createdSeconds }) => ({
    addEvent: () => null,
    reportedPromptTokens: () => null,
    usageEvent: () => null,
    body(answer) {
      if (answer.kind !== "images") throw new TypeError("an image answer holds images");
      return { created: createdSeconds, data: answer.imagesBase64.map((image) => ({ b64_json: image })) };
    },
  }),
};

import type { FamilyName } from "@vision/protocol";
import { chatPresenter } from "./chat-presenter.js";
import { completionPresenter } from "./completion-presenter.js";
import { imagePresenter } from "./image-presenter.js";
import type { PresenterFactory } from "./presenter.js";

export type { AnswerIdentity, AnswerPresenter, PresentedEvent, PresenterFactory, Usage } from "./presenter.js";

const presenterByFamily: Readonly<Record<FamilyName, PresenterFactory>> = {
  "chat-completions": chatPresenter,
  completions: completionPresenter,
  "image-generation": imagePresenter,
};

/** How a family's answers are shown to users. */
export function getPresenter(family: FamilyName): PresenterFactory {
  return presenterByFamily[family];
}

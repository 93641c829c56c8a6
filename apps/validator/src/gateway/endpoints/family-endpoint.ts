import { type AnswerPresenter, DONE_EVENT, encodeEvent, encodeEventText, type TaskFamily } from "@vision/protocol";
import type { Endpoint, UserPresenter } from "./endpoint.js";

/** A family's own API: OpenAI's. */
export function createFamilyEndpoint(family: TaskFamily): Endpoint {
  return {
    path: family.path,
    family,
    idPrefix: family.idPrefix,
    requestSchema: family.requestSchema,
    read: (familyBody) => ({ familyBody, createPresenter: (identity) => present(family.createPresenter(identity)) }),
    errorBody: (error) => error,
  };
}

function present(presenter: AnswerPresenter): UserPresenter {
  return {
    areTokensShown: presenter.areTokensShown,
    addParts(parts) {
      const presented = presenter.addParts(parts);
      return presented === null ? null : { text: encodeEventText(presented.json), hasContent: presented.hasContent };
    },
    end(usage) {
      const event = presenter.usageEvent(usage);
      return `${event === null ? "" : encodeEventText(event)}${DONE_EVENT}`;
    },
    endFailed: encodeEvent,
    choice: (answer) => presenter.choice(answer),
    body: (choices, usage) => presenter.body(choices, usage),
  };
}

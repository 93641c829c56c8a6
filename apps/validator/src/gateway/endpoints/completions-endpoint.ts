import { completionRequestSchema, completions, getFamily } from "@vision/protocol";
import { z } from "zod";
import { ApiError } from "../api-error.js";
import type { Endpoint, UserPresenter } from "./endpoint.js";
import { createFamilyEndpoint } from "./family-endpoint.js";
import { isFields, isSet } from "./fields.js";

const endpoint = createFamilyEndpoint(getFamily(completions.name));

/** Plain completions. `echo` is done here: what stands before an answer is known, and no miner is asked for it. */
export const completionsEndpoint: Endpoint = {
  ...endpoint,
  requestSchema: completionRequestSchema.extend({ echo: z.boolean().nullish() }),
  read(body) {
    if (!isFields(body) || body["echo"] !== true) return endpoint.read(body);
    if (isSet(body["logprobs"])) {
      const message = "'logprobs' is not supported together with 'echo': of a prompt there are none.";
      throw new ApiError({ status: 400, code: "unsupported", param: "logprobs", message });
    }
    const { echo: _, ...rest } = body;
    const { familyBody, createPresenter } = endpoint.read(rest);
    return {
      familyBody,
      createPresenter: (identity, publishing) =>
        withPrompt(createPresenter(identity, publishing), String(identity.request["prompt"] ?? "")),
    };
  },
};

/** The presenter, with the prompt before the first text of the answer, or before its end where it has none. */
function withPrompt(presenter: UserPresenter, prompt: string): UserPresenter {
  let isTold = false;
  return {
    ...presenter,
    addParts(parts) {
      const hasContent = parts.some((part) => part.kind === "text" && part.text !== "");
      if (isTold || (!hasContent && !parts.some(({ kind }) => kind === "finishReason"))) return presenter.addParts(parts);
      isTold = true;
      const presented = presenter.addParts([{ kind: "text", text: prompt }, ...parts]);
      return presented === null ? null : { ...presented, hasContent };
    },
    choice: (answer) => presenter.choice(answer.kind === "text" ? { ...answer, text: prompt + answer.text } : answer),
  };
}

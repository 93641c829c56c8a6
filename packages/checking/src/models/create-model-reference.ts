import type { Reference } from "../reference.js";
import type { ReferenceModel } from "../reference-model.js";
import { checkTextRequest } from "../text/reference-text-request.js";

/** A reference that judges the answers of every task of text by one model. Closing it closes the model. */
export function createModelReference(model: ReferenceModel): Reference {
  return {
    canCheck: ({ check }) => check.kind === "teacher-forcing",
    check: (input) => checkTextRequest(input, model),
    close: () => model.close(),
  };
}

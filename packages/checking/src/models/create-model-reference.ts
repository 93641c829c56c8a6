import type { Reference } from "../reference.js";
import type { ReferenceModel } from "../reference-model.js";
import { checkTextRequest } from "../text/reference-text-request.js";
import { writeByModel } from "../written/write-by-model.js";

/** A reference that judges the answers of every task of text by one model. Closing it closes the model. */
export function createModelReference(model: ReferenceModel): Reference {
  return {
    canCheck: ({ check }) => check.kind === "teacher-forcing",
    check: (input) => checkTextRequest(input, model),
    write: (request) => writeByModel(request, model),
    close: () => model.close(),
  };
}

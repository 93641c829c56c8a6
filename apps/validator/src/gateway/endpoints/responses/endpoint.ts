import { chatCompletions, getFamily } from "@vision/protocol";
import type { Endpoint } from "../endpoint.js";
import { createResponsesPresenter } from "./present.js";
import { responsesRequestSchema } from "./request.js";
import { readResponsesRequest, toChatBody } from "./to-chat.js";

/** OpenAI's Responses API, without state: chat in other words. */
export const responsesEndpoint: Endpoint = {
  path: "/v1/responses",
  family: getFamily(chatCompletions.name),
  idPrefix: "resp_",
  requestSchema: responsesRequestSchema,
  read(body) {
    const request = readResponsesRequest(body);
    return { familyBody: toChatBody(request), createPresenter: (identity) => createResponsesPresenter(identity, request) };
  },
  errorBody: (error) => error,
};

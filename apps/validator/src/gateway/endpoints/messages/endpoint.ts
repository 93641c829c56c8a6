import { chatCompletions, getFamily } from "@vision/protocol";
import type { Endpoint } from "../endpoint.js";
import { toMessagesError } from "./error-body.js";
import { createMessagesPresenter } from "./present.js";
import { messagesRequestSchema } from "./request.js";
import { toChatBody } from "./to-chat.js";

/** Anthropic's Messages API: chat in other words. */
export const messagesEndpoint: Endpoint = {
  path: "/v1/messages",
  family: getFamily(chatCompletions.name),
  idPrefix: "msg_",
  requestSchema: messagesRequestSchema,
  read: (body) => ({ familyBody: toChatBody(body), createPresenter: createMessagesPresenter }),
  errorBody: toMessagesError,
};

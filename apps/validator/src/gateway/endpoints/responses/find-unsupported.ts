import type { Unsupported } from "@vision/protocol";
import { type Fields, isFields, isSet } from "../fields.js";
import { includable } from "./request.js";

const knownItems: readonly unknown[] = [undefined, "message", "function_call", "function_call_output", "reasoning"];
const knownParts: readonly unknown[] = ["input_text", "output_text", "text", "refusal", "input_image"];
const nothingIsKept = "is not supported: nothing is kept between requests; send the whole conversation as input";

/** Fields of requests that rest on what an earlier one left behind, or on work that goes on without the user. */
function findStateful(body: Fields): Unsupported | null {
  for (const param of ["previous_response_id", "conversation"]) if (isSet(body[param])) return { param, message: nothingIsKept };
  if (isSet(body["prompt"]))
    return { param: "prompt", message: "is not supported: no prompts are kept; send it as instructions and input" };
  if (body["store"] === true) return { param: "store", message: "is not supported: nothing is kept; leave it out or send false" };
  if (body["background"] === true) return { param: "background", message: "is not supported: answers are given while their user waits" };
  return null;
}

function findUnsupportedItem(input: unknown): Unsupported | null {
  if (!Array.isArray(input)) return null;
  for (const [at, item] of input.entries()) {
    if (!isFields(item)) continue;
    const { type, content, output } = item;
    if (type === "item_reference") return { param: `input[${at}]`, message: nothingIsKept };
    if (!knownItems.includes(type))
      return { param: `input[${at}].type`, message: "is not supported: messages, calls of functions and their outputs are" };
    const field = type === "function_call_output" ? "output" : "content";
    const parts: unknown = field === "output" ? output : content;
    if (type === "reasoning" || !Array.isArray(parts)) continue;
    const bad = parts.findIndex((part) => isFields(part) && typeof part["type"] === "string" && !knownParts.includes(part["type"]));
    if (bad !== -1) return { param: `input[${at}].${field}[${bad}].type`, message: "is not supported: text and pictures are" };
    const file = parts.findIndex((part) => isFields(part) && isSet(part["file_id"]));
    if (file !== -1)
      return { param: `input[${at}].${field}[${file}].file_id`, message: "is not supported: no files are kept; send the picture itself" };
  }
  return null;
}

/** The first thing that a body asks for and no task can do; null where there is none. */
export function findUnsupported(body: unknown): Unsupported | null {
  if (!isFields(body)) return null;
  const stateful = findStateful(body) ?? findUnsupportedItem(body["input"]);
  if (stateful !== null) return stateful;
  const { tools, include, n } = body;
  if (Array.isArray(tools)) {
    const at = tools.findIndex((tool) => isFields(tool) && typeof tool["type"] === "string" && tool["type"] !== "function");
    if (at !== -1) return { param: `tools[${at}].type`, message: "is not supported: functions are, which the user runs" };
  }
  if (Array.isArray(include)) {
    const known: readonly unknown[] = includable;
    const at = include.findIndex((each) => typeof each === "string" && !known.includes(each));
    if (at !== -1) return { param: `include[${at}]`, message: `is not supported: ${includable.join(" and ")} are` };
  }
  if (isSet(body["max_tool_calls"])) return { param: "max_tool_calls", message: "is not supported: no tools are run here" };
  if (isSet(body["truncation"]) && body["truncation"] !== "disabled")
    return { param: "truncation", message: "is not supported but for disabled" };
  return isSet(n) && n !== 1 ? { param: "n", message: "is not supported: a response is one answer" } : null;
}

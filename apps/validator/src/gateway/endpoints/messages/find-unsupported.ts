import type { Unsupported } from "@vision/protocol";
import { isFields, isSet } from "../fields.js";

const knownBlocks: readonly unknown[] = ["text", "image", "tool_result", "tool_use", "thinking", "redacted_thinking"];

function findBlock(blocks: unknown, path: string): Unsupported | null {
  if (!Array.isArray(blocks)) return null;
  for (const [at, block] of blocks.entries()) {
    if (!isFields(block)) continue;
    const place = `${path}[${at}]`;
    if (typeof block["type"] === "string" && !knownBlocks.includes(block["type"])) {
      return { param: `${place}.type`, message: "is not supported: texts, pictures and calls of tools are" };
    }
    const { source } = block;
    if (isFields(source) && source["type"] === "file") {
      return { param: `${place}.source`, message: "is not supported: no files are kept; send the picture itself" };
    }
    const inner = findBlock(block["content"], `${place}.content`);
    if (inner !== null) return inner;
  }
  return null;
}

/** The first thing that a body asks for and no task can do; null where there is none. */
export function findUnsupported(body: unknown): Unsupported | null {
  if (!isFields(body)) return null;
  for (const param of ["container", "mcp_servers", "context_management"]) {
    if (isSet(body[param])) return { param, message: "is not supported: nothing is kept and nothing is run here" };
  }
  const { tools, messages } = body;
  if (Array.isArray(tools)) {
    const at = tools.findIndex((tool) => isFields(tool) && isSet(tool["type"]) && tool["type"] !== "custom");
    if (at !== -1) return { param: `tools[${at}].type`, message: "is not supported: tools are, which the user defines and runs" };
  }
  if (!Array.isArray(messages)) return null;
  for (const [at, message] of messages.entries()) {
    const found = isFields(message) ? findBlock(message["content"], `messages[${at}].content`) : null;
    if (found !== null) return found;
  }
  const last = messages.length - 1;
  const message: unknown = messages[last];
  if (!isFields(message) || message["role"] !== "assistant" || isText(message["content"])) return null;
  return {
    param: `messages[${last}]`,
    message: "is not supported: the last message is the user's, or a text that the answer goes on from",
  };
}

/** Whether an assistant's content is text alone. */
function isText(content: unknown): boolean {
  if (!Array.isArray(content)) return content !== "";
  return (
    content.some((block) => isFields(block) && block["text"] !== "") &&
    content.every((block) => isFields(block) && block["type"] === "text")
  );
}

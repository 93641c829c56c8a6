import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { ApiError } from "./api-error.js";

const statusByCode: Readonly<Record<string, { readonly status: number; readonly code: string; readonly message: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: "headers_too_large", message: "The headers of the request are too large." },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: "request_timeout", message: "The request did not arrive in time." },
};

/**
 * Answers what is no HTTP in OpenAI's shape, and closes. Nothing is written into an answer that is under way.
 *
 * @returns The error's code, or null where nothing was answered.
 */
export function answerParserError(error: Error & { readonly code?: string }, socket: Socket, isAnswering: boolean): string | null {
  if (error.code === "ECONNRESET" || !socket.writable || isAnswering) {
    socket.destroy();
    return null;
  }
  const what = statusByCode[error.code ?? ""] ?? { status: 400, code: "invalid_http", message: "The request is not valid HTTP." };
  const body = JSON.stringify(new ApiError(what).body);
  const head = [
    `HTTP/1.1 ${what.status} ${STATUS_CODES[what.status]}`,
    "connection: close",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  // What it still sends is not waited for.
  socket.destroySoon();
  return what.code;
}

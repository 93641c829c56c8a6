import { type FormData, Response } from "undici";
import { ApiError } from "./api-error.js";

/** RFC 2046, section 5.1.1. */
const BOUNDARY = /;\s*boundary=(?:"([0-9A-Za-z'()+_,./:=? -]{1,70})"|([0-9A-Za-z'()+_,./:=?-]{1,70}))\s*(?:;|$)/i;
const MOST_PARTS = 64;
const MOST_HEADER_BYTES = 2048;

function invalid(message: string): ApiError {
  return new ApiError({ status: 400, code: "invalid_form", message });
}

/** The parser looks at every byte of a part's headers: few parts with short ones reach it. */
function assertPlain(bytes: Buffer, boundary: string): void {
  const delimiter = `--${boundary}`;
  let parts = 0;
  for (let at = bytes.indexOf(delimiter); at !== -1; at = bytes.indexOf(delimiter, at + delimiter.length)) {
    parts += 1;
    if (parts > MOST_PARTS) throw invalid(`The form has more than ${MOST_PARTS} parts.`);
    const from = at + delimiter.length;
    const isEnd = bytes.toString("latin1", from, from + 2) === "--";
    if (isEnd) return;
    if (!bytes.subarray(from, from + MOST_HEADER_BYTES).includes("\r\n\r\n"))
      throw invalid("A part of the form has no headers, or long ones.");
  }
}

/**
 * The fields and files of a form (multipart/form-data).
 *
 * @param contentType - The request's header, which names what stands between the parts.
 * @throws {@link ApiError} 400 for what is no form.
 */
export async function parseForm(bytes: Buffer, contentType: string): Promise<FormData> {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw invalid("The form's Content-Type names no boundary.");
  assertPlain(bytes, boundary);
  try {
    return await new Response(bytes, { headers: { "content-type": `multipart/form-data; boundary="${boundary}"` } }).formData();
  } catch {
    throw invalid("The body is not a valid form.");
  }
}

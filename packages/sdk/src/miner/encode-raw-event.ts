/** One server-sent event of JSON text. Text with line breaks, which a model server may send, becomes several `data` lines of one event. */
export function encodeRawEvent(data: string): string {
  if (!data.includes("\n") && !data.includes("\r")) return `data: ${data}\n\n`;
  return `${data
    .split(/\r\n|\n|\r/)
    .map((line) => `data: ${line}\n`)
    .join("")}\n`;
}

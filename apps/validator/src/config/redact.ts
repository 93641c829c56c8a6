const credentials = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@:]*(?::[^\s/@]*)?@/gi;

/** Text with user names and passwords taken out of every URL in it. */
export function redact(text: string): string {
  return text.includes("@") ? text.replace(credentials, "$1") : text;
}

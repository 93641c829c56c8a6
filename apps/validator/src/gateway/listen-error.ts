import { VisionError } from "@vision/protocol";

/** What was to listen where. */
export type ListenPlace = {
  readonly name: "The API" | "The metrics server";
  readonly section: "gateway" | "metrics";
  readonly host: string;
  readonly port: number;
};

function codeOf(cause: unknown): string {
  return typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
}

/** What went wrong in the system's code, and what to do about it. */
function explain(code: string, { section }: ListenPlace): { readonly reason: string; readonly hint: string } | null {
  switch (code) {
    case "EADDRINUSE":
      return { reason: "another program uses the port", hint: `Choose another ${section}.port (--${section}-port), or stop that program.` };
    case "EACCES":
      return { reason: "this user may not use the port", hint: `Choose a ${section}.port (--${section}-port) of 1024 or more.` };
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return {
        reason: "the address is not this machine's",
        hint: `Set ${section}.host (--${section}-host) to one of its addresses, or 0.0.0.0.`,
      };
    default:
      return null;
  }
}

/** The error of a server that cannot listen: `VALIDATOR_CANNOT_LISTEN`, with the reason and what to do. */
export function listenError(place: ListenPlace, cause: unknown): VisionError {
  const code = codeOf(cause);
  const known = explain(code, place);
  const reason = known?.reason ?? (cause instanceof Error ? cause.message : String(cause));
  return new VisionError({
    code: "VALIDATOR_CANNOT_LISTEN",
    message: `${place.name} cannot listen on ${place.host}:${place.port}: ${reason}.`,
    ...(known === null ? {} : { hint: known.hint }),
    facts: { host: place.host, port: place.port, code },
    cause,
  });
}

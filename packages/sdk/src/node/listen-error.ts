import { VisionError } from "@vision/protocol";

/** Where a miner was to listen. */
export type ListenPlace = { readonly host: string | undefined; readonly port: number };

/** What the system's code means, and what to do about it. */
function explain(code: string): { readonly reason: string; readonly hint: string } | null {
  switch (code) {
    case "EACCES":
      return { reason: "this user may not use the port", hint: "Choose a port of 1024 or more." };
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { reason: "the address is not this machine's", hint: "Listen on one of its addresses, or on 0.0.0.0 for all." };
    default:
      return null;
  }
}

/** The error of a miner that cannot listen, with the reason and what to do: `SDK_PORT_IN_USE` or `SDK_CANNOT_LISTEN`. */
export function listenError({ host = "0.0.0.0", port }: ListenPlace, cause: NodeJS.ErrnoException): VisionError {
  const { code = "" } = cause;
  const facts = { host, port, code };
  if (code === "EADDRINUSE") {
    return new VisionError({
      ...{ code: "SDK_PORT_IN_USE", message: `Port ${port} is in use by another program.`, facts, cause },
      hint: "Stop that program or choose another port.",
    });
  }
  const known = explain(code);
  return new VisionError({
    ...{
      code: "SDK_CANNOT_LISTEN",
      message: `The miner cannot listen on ${host}:${port}: ${known?.reason ?? cause.message}.`,
      facts,
      cause,
    },
    ...(known === null ? {} : { hint: known.hint }),
  });
}

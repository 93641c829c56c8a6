import { isIP } from "node:net";
import { askReach } from "./ask-reach.js";
import { type DoctorCheck, type Finding, ok, warn } from "./finding.js";
import { type AtPort, judgeOutside } from "./judge-outside.js";
import { openStandIn } from "./open-stand-in.js";
import { readCertificate } from "./read-certificate.js";

/** Where others look for a program; `host` is null where nothing says an address. */
export type LookedForAt = { readonly host: string | null; readonly port: number };

/** A port that others are to reach. */
export type OutsidePort = {
  /** URL of a validator that connects back; undefined where none is configured. */
  readonly peer: string | undefined;
  readonly listen: { readonly host: string; readonly port: number };
  /** Where others look for it. A rejection is like no address. */
  readonly lookedForAt: Promise<LookedForAt>;
  /** Resolves when no other check listens at the port. */
  readonly portIsLeft: Promise<unknown>;
  /** Whether the program speaks TLS itself. */
  readonly speaksTls: boolean;
  /** The setting that publishes the address, for advice. */
  readonly announce: string;
};

/** Waits for the chain, for the line of the port and for the peer; the peer's silence is no failure. */
const TIME_LIMIT_MS = 60_000;

/**
 * Whether others reach the program's port: asks a validator to connect back. While the program does not run, the check listens in its
 * place. A peer that is away, or answers nonsense, is a warning and never a failure.
 */
export function checkOutside(options: OutsidePort): DoctorCheck {
  return { name: "from outside", timeLimitMs: TIME_LIMIT_MS, run: (signal) => lookFromOutside(options, signal) };
}

async function lookFromOutside(options: OutsidePort, signal: AbortSignal): Promise<Finding> {
  const { peer, listen, announce, speaksTls } = options;
  if (peer === undefined) return ok("not looked at: doctor.peer names no validator that would connect back");
  if (listen.port === 0) return ok("not looked at: it takes a free port");
  const name = new URL(peer).host;
  const { host, port } = await options.lookedForAt.catch(() => ({ host: null, port: listen.port }));
  await options.portIsLeft;
  const standIn = await openStandIn(listen);
  try {
    const running = standIn === null && speaksTls ? readCertificate(nearby(listen)) : null;
    const answer = await askReach({ peer, port, family: familyOf(host) }, { signal });
    if (answer.kind === "unknown") {
      return warn(`${name} tells nothing: ${answer.reason}`, "Name another validator as doctor.peer, or ask from another machine.");
    }
    const atPort: AtPort =
      standIn === null
        ? { kind: "program", speaksTls, certificateSha256Hex: await running }
        : { kind: "standIn", arrivals: standIn.arrivals() };
    return judgeOutside({ report: answer.report, peer: name, host, atPort, announce });
  } finally {
    await standIn?.close();
  }
}

function familyOf(host: string | null): 4 | 6 | null {
  const family = host === null ? 0 : isIP(host);
  return family === 4 || family === 6 ? family : null;
}

/** Where this machine finds what listens at all of its addresses. */
function nearby({ host, port }: { readonly host: string; readonly port: number }) {
  return { host: host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host, port };
}

import { isIP } from "node:net";
import type { ReachReport } from "@vision/protocol";
import { hostAndPort } from "../host-and-port.js";
import { type Finding, fail, ok, warn } from "./finding.js";

/** Who was at the port while the peer connected to it. */
export type AtPort =
  /** The doctor itself, in the place of a program that does not run. */
  | { readonly kind: "standIn"; readonly arrivals: number }
  /** The program. `certificateSha256Hex`: what it presents; null where it speaks no TLS, or does not answer. */
  | { readonly kind: "program"; readonly speaksTls: boolean; readonly certificateSha256Hex: string | null };

/** What a peer saw, and what there was to see. */
export type SeenFromOutside = {
  readonly report: ReachReport;
  /** Who saw it, for people. */
  readonly peer: string;
  /** Where others look for the program; null where nothing says an address. */
  readonly host: string | null;
  readonly atPort: AtPort;
  /** The setting that publishes the address, for advice. */
  readonly announce: string;
};

/** Whether others can connect to the program, by what one of them saw. */
export function judgeOutside({ report, peer, host, atPort, announce }: SeenFromOutside): Finding {
  const { address, port, tcp, tls, certificateSha256Hex, durationMs } = report;
  if (address === null || tcp === "notTried") {
    return warn(
      `${peer} sees no public address of this machine, and tried nothing`,
      "Name a validator in another network as doctor.peer, or ask from another machine; or a proxy before that one does not say whom it speaks for.",
    );
  }
  if (host !== null && !isSameHost(host, address)) {
    const isOtherFamily = isIP(host) !== isIP(address);
    return warn(
      `${peer} sees this machine at ${address}, and others look for it at ${host}: whether they find it there is not known`,
      isOtherFamily
        ? `Name doctor.peer by an address of the family of ${host}.`
        : `Correct ${announce}; where requests go out by another address than they come in by, ask from another machine.`,
    );
  }
  const place = hostAndPort({ host: host ?? address, port });
  const openIt = "Open the port in this machine's firewall and at the provider's; behind a router, forward it to this machine.";
  if (tcp === "refused") return fail(`${place} refuses connections from outside (${peer})`, openIt);
  if (tcp !== "accepted") return fail(`connections from outside (${peer}) to ${place} do not arrive`, openIt);
  const time = `${Math.round(durationMs)} ms`;
  if (atPort.kind === "standIn") {
    if (atPort.arrivals > 0) return ok(`connections from outside (${peer}) to ${place} arrive here, ${time}`);
    return fail(`what accepts connections from outside (${peer}) to ${place} is not this machine`, openIt);
  }
  if (!atPort.speaksTls) return ok(`${place} accepts connections from outside (${peer}), ${time}`);
  const untouched = "Pass its TCP connections through as they are: who speaks TLS in its place is taken for somebody else.";
  if (tls === "silent") {
    return warn(
      `${place} accepts connections from outside (${peer}), but ended no TLS handshake in time`,
      "This machine or the peer may be busy: try again. If it stays so, something on the way holds the bytes back.",
    );
  }
  if (tls !== "completed") return fail(`what accepts connections from outside (${peer}) to ${place} speaks no TLS`, untouched);
  const { certificateSha256Hex: own } = atPort;
  if (own === null || certificateSha256Hex === null) return ok(`${place} speaks TLS with ${peer}, ${time}`);
  if (own === certificateSha256Hex) return ok(`${place} proves itself to ${peer} with this program's certificate, ${time}`);
  return fail(`what speaks TLS with ${peer} at ${place} has another certificate than the program here`, untouched);
}

/** On development chains loopback addresses and 0.0.0.1 stand for this machine. */
function isSameHost(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(host: string): string {
  if (host.startsWith("127.") || host === "0.0.0.1" || host === "::1") return "this machine";
  const url = `http://${hostAndPort({ host, port: 80 })}`;
  return URL.canParse(url) ? new URL(url).hostname : host;
}

import { createServer } from "node:net";
import { z } from "zod";
import { hostAndPort } from "../host-and-port.js";
import { type DoctorCheck, type Finding, fail, ok } from "./finding.js";

/** A port that the program listens on. */
export type Listener = {
  /** The check's name. */
  readonly name: string;
  /** The settings that say where, for advice. */
  readonly section: string;
  readonly host: string;
  readonly port: number;
  /** Who answers at a port that is taken: null for a stranger, else what is to be said of it. */
  identify(signal: AbortSignal): Promise<Finding | null>;
};

const codeSchema = z.object({ code: z.string() });

/** Whether the program could listen where it is told to, or does so already. */
export function checkListener({ name, section, host, port, identify }: Listener): DoctorCheck {
  const place = hostAndPort({ host, port });
  return {
    name,
    async run(signal) {
      if (port === 0) return ok("takes a free port");
      const problem = await tryToListen(host, port);
      switch (problem) {
        case null:
          return ok(`${place} is free`);
        case "EADDRINUSE":
          return (
            (await identify(signal)) ?? fail(`another program listens at ${place}`, `Stop it, or set ${section}.port to another port.`)
          );
        case "EACCES":
          return fail(`this user may not listen at ${place}`, `Set ${section}.port to a port above 1023.`);
        case "EADDRNOTAVAIL":
        case "ENOTFOUND":
          return fail(`${host} is no address of this machine`, `Set ${section}.host to one, or to 0.0.0.0 for all.`);
        default:
          return fail(`cannot listen at ${place}: ${problem}`, `Check ${section}.host and ${section}.port.`);
      }
    },
  };
}

/** The error's code; null when it listened, which it does no longer. */
function tryToListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => {
      const parsed = codeSchema.safeParse(error);
      resolve(parsed.success ? parsed.data.code : error.message);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

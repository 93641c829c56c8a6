import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type DoctorCheck, fail, ok } from "./finding.js";

/** Resolves a host name to an address, or rejects. */
export type ResolveName = (host: string) => Promise<unknown>;

/**
 * Whether the names of the machines that are to be reached can be looked up.
 *
 * @param urls - Where connections go; those with addresses in them need no look.
 */
export function checkNames(urls: readonly string[], resolveName: ResolveName = lookup): DoctorCheck {
  return {
    name: "names",
    async run() {
      const hosts = [...new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname))].filter(isName);
      const found = await Promise.all(
        hosts.map((host) =>
          resolveName(host).then(
            () => true,
            () => false,
          ),
        ),
      );
      const missing = hosts.filter((_host, index) => found[index] === false);
      if (missing.length > 0)
        return fail(`no address for ${missing.join(", ")}`, "Check the spelling, and this machine's DNS (/etc/resolv.conf).");
      return ok(hosts.length === 0 ? "only addresses are used" : `${hosts.join(", ")} can be looked up`);
    },
  };
}

function isName(host: string): boolean {
  return host !== "" && isIP(host.replace(/^\[|\]$/g, "")) === 0;
}

import { isIP } from "node:net";
import { z } from "zod";

const HOST_NAME = /^[a-z\d_]([a-z\d_-]*[a-z\d_])?(\.[a-z\d_]([a-z\d_-]*[a-z\d_])?)*\.?$/i;

/** Where a program listens: an IP address or the name of a host, and nothing around it. */
export const listenHost = z
  .string()
  .max(253)
  // Four numbers are a name by its form, and no address.
  .refine((host) => isIP(host) !== 0 || (HOST_NAME.test(host) && !/^[\d.]+$/.test(host)), {
    error: "must be an IP address or the name of a host, without port and brackets",
  });

const wildcardHosts = ["0.0.0.0", "::"];

/** As far as it is known. */
type Listener = { readonly host?: string | undefined; readonly port?: number | undefined };

/** True when two listeners would be in each other's way. Port 0 takes a free one. */
export function isSamePlace(one: Listener, other: Listener): boolean {
  if (one.host === undefined || other.host === undefined || one.port === undefined) return false;
  const isSameHost = one.host === other.host || wildcardHosts.includes(one.host) || wildcardHosts.includes(other.host);
  return one.port !== 0 && one.port === other.port && isSameHost;
}

import type { FaultySubnet } from "./faulty-subnet.js";

/** Something that goes wrong, and after which everything has to go on by itself. */
export type Fault = {
  readonly name: string;
  /** Tried by `npm run faults` only, not by `npm test`. */
  readonly isLong?: true;
  /** Why it cannot be tried here; null where it can. */
  readonly skip?: (subnet: FaultySubnet) => string | null;
  /** `isThorough`: by `npm run faults`. */
  strike(subnet: FaultySubnet, options: { readonly isThorough: boolean }): Promise<void>;
};

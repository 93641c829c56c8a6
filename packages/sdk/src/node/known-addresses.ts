/** The addresses from which a validator that is served has proven itself. */
export type KnownAddresses = {
  has(address: string): boolean;
  add(address: string): void;
};

/** A memory of the last `maxAddresses` of them. Only validators get in, so nobody else can push one out. */
export function createKnownAddresses(maxAddresses = 4096): KnownAddresses {
  // In order of last use: adding again moves an address to the end.
  const addresses = new Set<string>();
  return {
    has: (address) => addresses.has(address),
    add(address) {
      addresses.delete(address);
      const [oldest] = addresses;
      if (addresses.size >= maxAddresses && oldest !== undefined) addresses.delete(oldest);
      addresses.add(address);
    },
  };
}

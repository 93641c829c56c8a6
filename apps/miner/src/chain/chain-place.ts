const networkNames = ["finney", "test", "local"] as const;

/** Where to connect: a network by name, or a URL. */
export type ChainPlace = { readonly network: (typeof networkNames)[number] } | { readonly endpoints: readonly string[] };

/** What the configuration's `chain.url` means to `connect`. */
export function chainPlace(url: string): ChainPlace {
  const network = networkNames.find((name) => name === url);
  return network === undefined ? { endpoints: [url] } : { network };
}

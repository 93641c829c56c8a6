/**
 * The two forms of an sr25519 secret key. btcli's `privateKey` is schnorrkel's canonical form, `scalar ‖ nonce`; signers here take the
 * ed25519-expanded form, whose first half is the same little-endian scalar times 8.
 */
export function expandPrivateKey(canonical: Uint8Array): Uint8Array {
  const expanded = Uint8Array.from(canonical);
  let carry = 0;
  for (let index = 0; index < 32; index += 1) {
    const byte = canonical[index] ?? 0;
    expanded[index] = ((byte << 3) | carry) & 0xff;
    carry = byte >> 5;
  }
  return expanded;
}

/** The inverse of {@link expandPrivateKey}. */
export function canonicalPrivateKey(expanded: Uint8Array): Uint8Array {
  const canonical = Uint8Array.from(expanded);
  let carry = 0;
  for (let index = 31; index >= 0; index -= 1) {
    const byte = expanded[index] ?? 0;
    canonical[index] = (byte >> 3) | carry;
    carry = (byte & 7) << 5;
  }
  return canonical;
}

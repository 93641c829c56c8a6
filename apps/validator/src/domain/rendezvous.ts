/** FNV-1a over UTF-16 units, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The last steps of MurmurHash3: every bit of both moves every bit of the result. */
function mix(a: number, b: number): number {
  let hash = a ^ Math.imul(b, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * The name that a key belongs to, by highest random weight: the same whatever order the names come in, and when names come or go only the
 * keys that were theirs, or become theirs, move.
 *
 * @param names - At least one, all different.
 */
export function selectOwner(key: string, names: readonly string[]): number {
  const keyHash = hashOf(key);
  let owner = 0;
  let heaviest = -1;
  for (const [index, name] of names.entries()) {
    const weight = mix(keyHash, hashOf(name));
    if (weight < heaviest || (weight === heaviest && name > (names[owner] ?? ""))) continue;
    owner = index;
    heaviest = weight;
  }
  return owner;
}

/** Seconds between blocks of a normal subtensor chain. */
export const DEFAULT_BLOCK_SECONDS = 12;

/** A number of blocks in words with its duration: `37 blocks, about 7 min 24 s`. */
export function describeBlocks(blocks: number, blockSeconds: number = DEFAULT_BLOCK_SECONDS): string {
  const noun = blocks === 1 ? "block" : "blocks";
  return `${blocks} ${noun}, about ${describeSeconds(Math.round(blocks * blockSeconds))}`;
}

function describeSeconds(total: number): string {
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = total % 60;
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return seconds > 0 ? `${minutes} min ${seconds} s` : `${minutes} min`;
  return `${seconds} s`;
}

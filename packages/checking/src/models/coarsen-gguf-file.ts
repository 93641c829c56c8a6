import { readFile } from "node:fs/promises";
import { z } from "zod";

const Q4_1 = 3; // ggml's number of the type
const BLOCK_WEIGHTS = 32;
const BLOCK_BYTES = 20; // two 16-bit numbers and 32 weights of 4 bits
const SCALE_BYTES = 4;
const LEVELS = 16;

const fileInfoSchema = z.object({
  fullTensorInfo: z.array(
    z.object({
      ggmlType: z.number(),
      fileOffset: z.union([z.number(), z.bigint()]),
      dimensions: z.array(z.union([z.number(), z.bigint()])),
    }),
  ),
});

async function loadFileReader(): Promise<(path: string) => Promise<unknown>> {
  // A variable keeps compilers and bundlers from wanting the optional package.
  const packageName = "node-llama-cpp";
  const { readGgufFileInfo } = await import(packageName);
  return readGgufFileInfo;
}

/**
 * A copy of a GGUF file whose Q4_1 weights hold fewer bits each: a cheaper precision in a file of the same format, for measuring what
 * tells the two apart. Needs the optional package `node-llama-cpp`.
 *
 * @param bits - 1 to 3; what is left of 16 levels are 2 to the power of it.
 * @throws Error for a file without such weights.
 */
export async function coarsenGgufFile(path: string, bits: 1 | 2 | 3): Promise<Uint8Array> {
  const steps = 2 ** bits - 1;
  const most = LEVELS - 1;
  const coarse = Array.from({ length: LEVELS }, (_, level) => Math.round((Math.round((level * steps) / most) * most) / steps));
  const readFileInfo = await loadFileReader();
  const { fullTensorInfo } = fileInfoSchema.parse(await readFileInfo(path));
  const tensors = fullTensorInfo.filter(({ ggmlType }) => ggmlType === Q4_1);
  if (tensors.length === 0) throw new Error(`${path} has no Q4_1 weights; name a Q4_1 file, of which a lower precision can be made.`);
  const bytes = await readFile(path);
  for (const { fileOffset, dimensions } of tensors) {
    const weights = dimensions.reduce<number>((product, size) => product * Number(size), 1);
    const end = Number(fileOffset) + (weights / BLOCK_WEIGHTS) * BLOCK_BYTES;
    for (let block = Number(fileOffset); block < end; block += BLOCK_BYTES) {
      for (let at = block + SCALE_BYTES; at < block + BLOCK_BYTES; at += 1) {
        const pair = bytes[at] ?? 0;
        bytes[at] = ((coarse[pair >> 4] ?? 0) << 4) | (coarse[pair & 15] ?? 0);
      }
    }
  }
  return bytes;
}

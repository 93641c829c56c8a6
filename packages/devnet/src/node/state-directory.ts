import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VisionError } from "@vision/protocol";
import { z } from "zod";
import type { Hash, Header } from "../metadata/types/common.js";
import { header as headerCodec } from "../metadata/types/common.js";
import { decodeWith, encodeWith } from "../scale/codec.js";
import { fromHex, toBareHex } from "../scale/hex.js";
import type { Chain, MadeBlock } from "./chain.js";

const FORMAT = 1;
/** Blocks after which the journal is folded into a new snapshot. */
const BLOCKS_PER_SNAPSHOT = 1000;

const hex = z.string().regex(/^[0-9a-f]*$/);
const pairs = z.array(z.tuple([hex, hex.nullable()]));
const snapshotSchema = z.object({ format: z.literal(FORMAT), genesisHash: z.string(), header: hex, state: pairs });
const lineSchema = z.object({ header: hex, changes: pairs });

/** What was saved: a chain up to a block. */
export type SavedChain = { readonly genesisHash: Hash; readonly header: Header; readonly state: ReadonlyMap<string, Uint8Array> };

/**
 * A chain on disk: `snapshot.json` holds all storage at one block, `journal.jsonl` what every block since changed.
 *
 * A last line that a killed process left half-written is ignored: the chain goes on from the block before.
 */
export class StateDirectory {
  private readonly snapshotPath: string;
  private readonly journalPath: string;
  private journalled = 0;

  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
    this.snapshotPath = join(directory, "snapshot.json");
    this.journalPath = join(directory, "journal.jsonl");
  }

  /**
   * The saved chain, `null` in an empty directory.
   *
   * @throws {@link VisionError} `DEVNET_INVALID_STATE` when the files are damaged or of another format.
   */
  load(): SavedChain | null {
    if (!existsSync(this.snapshotPath)) return null;
    try {
      const snapshot = snapshotSchema.parse(JSON.parse(readFileSync(this.snapshotPath, "utf8")));
      const state = new Map<string, Uint8Array>();
      const apply = (changes: z.infer<typeof pairs>): void => {
        for (const [key, value] of changes) {
          if (value === null) state.delete(key);
          else state.set(key, fromHex(value));
        }
      };
      apply(snapshot.state);
      let header = decodeWith(headerCodec, fromHex(snapshot.header));
      for (const line of this.journalLines()) {
        const parsed = lineSchema.parse(JSON.parse(line));
        const next = decodeWith(headerCodec, fromHex(parsed.header));
        if (next.number <= header.number) continue;
        apply(parsed.changes);
        header = next;
      }
      return { genesisHash: snapshot.genesisHash, header, state };
    } catch (cause) {
      throw new VisionError({
        code: "DEVNET_INVALID_STATE",
        message: `The saved chain in ${this.directory} cannot be read.`,
        hint: "Delete the directory to start a new chain.",
        facts: { directory: this.directory },
        cause,
      });
    }
  }

  /** Saves the whole chain as it is, and begins an empty journal. */
  saveSnapshot(chain: Chain): void {
    const state = [...chain.exportState()].map(([key, value]) => [key, toBareHex(value)]);
    const header = toBareHex(encodeWith(headerCodec, chain.head.header));
    const temporary = `${this.snapshotPath}.new`;
    writeFileSync(temporary, JSON.stringify({ format: FORMAT, genesisHash: chain.genesisHash, header, state }));
    renameSync(temporary, this.snapshotPath);
    // Should the process die here, loading skips the lines of the old journal by their block numbers.
    rmSync(this.journalPath, { force: true });
    this.journalled = 0;
  }

  /** Saves what a block changed. */
  append(chain: Chain, block: MadeBlock): void {
    const changes = [...block.changes].map(([key, value]) => [key, value === null ? null : toBareHex(value)]);
    appendFileSync(this.journalPath, `${JSON.stringify({ header: toBareHex(encodeWith(headerCodec, block.header)), changes })}\n`);
    this.journalled += 1;
    if (this.journalled >= BLOCKS_PER_SNAPSHOT) this.saveSnapshot(chain);
  }

  private journalLines(): readonly string[] {
    if (!existsSync(this.journalPath)) return [];
    // What comes after the last line break was not written to the end.
    return readFileSync(this.journalPath, "utf8").split("\n").slice(0, -1);
  }
}

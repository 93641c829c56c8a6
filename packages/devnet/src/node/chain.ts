import { encodeMetadata, METADATA_VERSIONS } from "../metadata/encode-metadata.js";
import { BLOCK_HASH_COUNT, systemStorage } from "../metadata/pallets/system.js";
import { timestampStorage } from "../metadata/pallets/timestamp.js";
import { declarePallets, type EventRecord, eventsStorage } from "../metadata/runtime.js";
import { version } from "../metadata/runtime-version.js";
import type { Hash, Header } from "../metadata/types/common.js";
import { callRuntimeApi } from "../runtime/call-runtime-api.js";
import { executeBlock, hashHeader } from "../runtime/execute-block.js";
import type { Extrinsic } from "../runtime/extrinsic.js";
import { createRuntimeApi } from "../runtime/runtime-api.js";
import type { Beacon } from "../runtime/timelock/beacon.js";
import { State } from "../storage/state.js";
import { type StateChanges, type StateReader, VersionedStore } from "../storage/versioned-store.js";

/** A block that the chain keeps. */
export type Block = {
  readonly header: Header;
  readonly hash: Hash;
  readonly extrinsics: readonly Extrinsic[];
};

/** A block as it is made, with what it changed: told once, and kept only as storage that can be read. */
export type MadeBlock = Block & { readonly changes: StateChanges };

/** What a chain is made of. `genesis` may also be the state of a chain that is taken up again, with its header. */
export type ChainOptions = {
  readonly beacon: Beacon;
  readonly genesisHash: Hash;
  readonly first: { readonly header: Header; readonly state: StateChanges };
  readonly knownHashes?: ReadonlyMap<number, Hash>;
  /** Milliseconds between blocks: what clients are told, and how far the clock of a chain without timer moves. */
  readonly blockTimeMs: number;
  /** Blocks behind the head whose storage can be read. */
  readonly historyBlocks: number;
};

/**
 * The blocks and their storage: one line of blocks, every one final at once.
 *
 * Takes no time from the machine and waits for nothing; whoever owns it says when a block is made, of what, and at which time.
 */
export class Chain {
  private readonly store: VersionedStore;
  private readonly blocks = new Map<number, Block>();
  private readonly numbersByHash = new Map<Hash, number>();
  private readonly metadataByVersion = new Map<number, Uint8Array>();
  private headNumber: number;
  private readonly firstNumber: number;

  constructor(private readonly options: ChainOptions) {
    this.store = new VersionedStore(options.historyBlocks);
    const { header, state } = options.first;
    this.firstNumber = header.number;
    this.headNumber = header.number;
    this.store.apply(header.number, state);
    const hash = header.number === 0 ? options.genesisHash : hashHeader(header);
    this.keep({ header, hash, extrinsics: [] });
  }

  /** Hash of block 0, which clients sign. */
  get genesisHash(): Hash {
    return this.options.genesisHash;
  }

  /** Milliseconds between blocks when they are made by the clock. */
  get blockTimeMs(): number {
    return this.options.blockTimeMs;
  }

  /** The newest block. */
  get head(): Block {
    return this.require(this.headNumber);
  }

  /** Time of the newest block, in milliseconds since 1970. */
  get timeMs(): number {
    return Number(this.stateAt(this.headNumber).get(timestampStorage.now));
  }

  /** A kept block by number, `null` for others. */
  blockAt(number: number): Block | null {
    return this.blocks.get(number) ?? null;
  }

  /** A kept block by hash, `null` for others, abandoned ones among them. */
  blockByHash(hash: Hash): Block | null {
    const number = this.numbersByHash.get(hash);
    return number === undefined ? null : this.blockAt(number);
  }

  /** The hash of a block on the chain, also of one whose body is gone. */
  hashAt(number: number): Hash | null {
    if (number === 0) return this.options.genesisHash;
    const kept = this.blocks.get(number)?.hash ?? this.options.knownHashes?.get(number);
    if (kept !== undefined) return kept;
    const state = this.stateAt(this.headNumber);
    return state.has(systemStorage.blockHash, number) ? state.get(systemStorage.blockHash, number) : null;
  }

  /** Encoded storage after a block. */
  readerAt(number: number): StateReader {
    return this.store.at(number);
  }

  /** Typed storage after a block; what is written to it goes nowhere. */
  stateAt(number: number): State {
    return new State(this.store.at(number));
  }

  /** Events of a kept block. */
  eventsAt(number: number): readonly EventRecord[] {
    return this.stateAt(number).get(eventsStorage);
  }

  /** Every key and value of the newest storage, for saving. */
  exportState(): Iterable<readonly [key: string, value: Uint8Array]> {
    return this.store.newest();
  }

  /**
   * Makes a block on top of the newest.
   *
   * @param nowMs - At or after the newest block's time; earlier times are moved to just after it.
   */
  produce(extrinsics: readonly Extrinsic[], nowMs: number): MadeBlock {
    const parent = this.head;
    const output = executeBlock({
      parent: this.store.at(parent.header.number),
      parentHeader: parent.header,
      parentHash: parent.hash,
      nowMs: Math.max(nowMs, this.timeMs + 1),
      extrinsics,
      beacon: this.options.beacon,
    });
    const block = { header: output.header, hash: output.hash, extrinsics: output.extrinsics };
    this.store.apply(block.header.number, output.changes);
    this.headNumber = block.header.number;
    this.keep(block);
    return { ...block, changes: output.changes };
  }

  /** Writes storage under the newest block, as no real chain would allow. */
  overwrite(changes: StateChanges): void {
    this.store.apply(this.headNumber, changes);
  }

  /** Abandons the newest blocks; the first that is kept is never abandoned. Returns how many went. */
  rewind(count: number): number {
    const target = Math.max(this.headNumber - count, this.firstNumber);
    const abandoned = this.headNumber - target;
    for (let number = this.headNumber; number > target; number -= 1) this.forget(number);
    this.store.rewind(target);
    this.headNumber = target;
    return abandoned;
  }

  /** Answers a runtime API call on the storage after a block; `null` for an unknown method. */
  call(name: string, input: Uint8Array, number: number): Uint8Array | null {
    const handlers = createRuntimeApi({ state: this.stateAt(number), version, metadata: (asked) => this.metadata(asked) });
    return callRuntimeApi(handlers, name, input);
  }

  /** Encoded metadata, `null` for a version that there is none of. */
  metadata(metadataVersion: number): Uint8Array | null {
    const known = this.metadataByVersion.get(metadataVersion);
    if (known !== undefined) return known;
    const supported = METADATA_VERSIONS.find((each) => each === metadataVersion);
    if (supported === undefined) return null;
    const encoded = encodeMetadata(supported, declarePallets(version, this.options.blockTimeMs));
    this.metadataByVersion.set(supported, encoded);
    return encoded;
  }

  private keep(block: Block): void {
    const { number } = block.header;
    this.blocks.set(number, block);
    this.numbersByHash.set(block.hash, number);
    const oldest = number - Math.max(this.options.historyBlocks, BLOCK_HASH_COUNT);
    if (oldest > this.firstNumber) this.forget(oldest);
  }

  private forget(number: number): void {
    const block = this.blocks.get(number);
    if (block !== undefined) this.numbersByHash.delete(block.hash);
    this.blocks.delete(number);
  }

  private require(number: number): Block {
    const block = this.blocks.get(number);
    if (block === undefined) throw new RangeError(`Block ${number} is not kept`);
    return block;
  }
}

import { systemStorage } from "../metadata/pallets/system.js";
import type { AccountId, Hash } from "../metadata/types/common.js";
import { decodeExtrinsic, type Extrinsic } from "../runtime/extrinsic.js";
import { checkSignature, checkValidity, type Validity } from "../runtime/validity.js";
import type { Block, Chain, MadeBlock } from "./chain.js";
import { TransactionPool } from "./transaction-pool.js";

/** When blocks are made: by the clock, as soon as there is an extrinsic, or only when asked. */
export type BlockProduction = "timer" | "instant" | "manual";

/** Why a submission was refused; RPC turns it into the error that a real node gives. */
export type Refusal =
  | { readonly kind: "undecodable"; readonly message: string }
  | { readonly kind: "alreadyImported" }
  | { readonly kind: "priorityTooLow" }
  | { readonly kind: "banned" }
  | { readonly kind: "invalid"; readonly validity: Extract<Validity, { kind: "invalid" }> };

/** What became of a submission. */
export type Submission = { readonly ok: true; readonly extrinsic: Extrinsic } | { readonly ok: false; readonly refusal: Refusal };

/** What the node tells its listeners. */
export type NodeEvent =
  | { readonly kind: "block"; readonly block: MadeBlock }
  | { readonly kind: "dropped"; readonly hash: Hash; readonly reason: "invalid" }
  /** Storage was written, or blocks were abandoned: what is known of the newest block may be wrong. */
  | { readonly kind: "storage"; readonly block: MadeBlock };

/** A chain with a pool: takes extrinsics and makes blocks of them. */
export class DevNode {
  private readonly pool = new TransactionPool();
  private readonly listeners = new Set<(event: NodeEvent) => void>();
  private submissionsToFail = 0;
  private timeOffsetMs = 0;

  /** @param now - Wall clock in milliseconds; read only when blocks are made by timer. */
  constructor(
    readonly chain: Chain,
    private readonly production: BlockProduction,
    private readonly now: () => number,
  ) {}

  /** Calls the listener for everything that happens; returns a function that stops it. */
  listen(listener: (event: NodeEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes an extrinsic, encoded with its length in front. */
  submit(bytes: Uint8Array): Submission {
    if (this.submissionsToFail > 0) {
      this.submissionsToFail -= 1;
      return { ok: false, refusal: { kind: "banned" } };
    }
    const decoded = decode(bytes);
    if (!decoded.ok) return decoded;
    const { extrinsic } = decoded;
    const blockNumber = this.chain.head.header.number;
    const domain = { genesisHash: this.chain.genesisHash, blockHashAt: (number: number) => this.chain.hashAt(number) };
    for (const validity of [checkSignature(extrinsic, blockNumber, domain), checkValidity(this.nextBlock(), extrinsic)]) {
      if (validity.kind === "invalid") return { ok: false, refusal: { kind: "invalid", validity } };
    }
    const added = this.pool.add(extrinsic);
    if (added.kind !== "added") return { ok: false, refusal: added };
    if (this.production === "instant") queueMicrotask(() => this.produceIfReady());
    return { ok: true, extrinsic };
  }

  /** Makes a block of everything that is ready. */
  produceBlock(): Block {
    const block = this.chain.produce(this.pool.ordered(), this.nextTimeMs());
    for (const { hash } of block.extrinsics) this.pool.remove(hash);
    this.emit({ kind: "block", block });
    this.dropInvalid();
    return block;
  }

  /** Nonce that an account's next extrinsic should have, those that wait counted. */
  nextNonce(account: AccountId): number {
    const waiting = this.pool.noncesOf(account);
    let nonce = this.chain.stateAt(this.chain.head.header.number).get(systemStorage.account, account).nonce;
    while (waiting.has(nonce)) nonce += 1;
    return nonce;
  }

  /** Extrinsics that wait. */
  get pending(): readonly Extrinsic[] {
    return this.pool.ordered();
  }

  /** Lets the next submissions fail as if the pool had banned them. */
  failNextSubmissions(count: number): void {
    this.submissionsToFail = count;
  }

  /** Moves the clock of the chain forward; the next block has the new time. */
  timeTravel(milliseconds: number): void {
    this.timeOffsetMs += milliseconds;
  }

  /** Writes storage of the newest block and tells subscribers. */
  setStorage(changes: ReadonlyMap<string, Uint8Array | null>): void {
    this.chain.overwrite(changes);
    this.emit({ kind: "storage", block: { ...this.chain.head, changes } });
  }

  /**
   * Abandons the newest blocks and makes one more than went, as a node does that switches to a longer fork. Extrinsics of the abandoned blocks are
   * gone.
   */
  reorganise(count: number): readonly Block[] {
    const abandoned = this.chain.rewind(count);
    this.emit({ kind: "storage", block: { ...this.chain.head, changes: new Map() } });
    // A block on the same parent at the same time would be the same block.
    this.timeOffsetMs += 1;
    return Array.from({ length: abandoned + 1 }, () => this.produceBlock());
  }

  private produceIfReady(): void {
    if (this.pool.ordered().some((extrinsic) => checkValidity(this.nextBlock(), extrinsic).kind === "ready")) this.produceBlock();
  }

  private dropInvalid(): void {
    const context = this.nextBlock();
    for (const extrinsic of this.pool.ordered()) {
      if (checkValidity(context, extrinsic).kind !== "invalid") continue;
      this.pool.remove(extrinsic.hash);
      this.emit({ kind: "dropped", hash: extrinsic.hash, reason: "invalid" });
    }
  }

  /** What extrinsics are checked against: storage of the newest block, number of the next. */
  private nextBlock() {
    const { number } = this.chain.head.header;
    return { state: this.chain.stateAt(number), blockNumber: number + 1 };
  }

  private nextTimeMs(): number {
    if (this.production === "timer") return this.now() + this.timeOffsetMs;
    const jumpMs = this.timeOffsetMs;
    this.timeOffsetMs = 0;
    return this.chain.timeMs + this.chain.blockTimeMs + jumpMs;
  }

  private emit(event: NodeEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }
}

function decode(bytes: Uint8Array): Submission {
  try {
    return { ok: true, extrinsic: decodeExtrinsic(bytes) };
  } catch (error) {
    return { ok: false, refusal: { kind: "undecodable", message: error instanceof Error ? error.message : String(error) } };
  }
}

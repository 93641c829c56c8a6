import type { AnswerPart, BegunAnswer } from "@vision/protocol";
import type { Exchange, ExchangeResult } from "../exchange/exchange.js";
import type { Candidate } from "../ports/index.js";
import { keepBegunAnswer } from "./begun-answer.js";
import type { UserPresenter } from "./endpoints/endpoint.js";
import { beginMinerSpan, noteMinerResult } from "./request-traces.js";
import type { UserRequest } from "./user-request.js";

/** One miner that is asked for a user's answer. */
export type Attempt = {
  readonly candidate: Candidate;
  readonly presenter: UserPresenter;
  /** How it ended; `null` if the miner had no room. Never rejects. */
  readonly ended: Promise<{ readonly attempt: Attempt } & ({ readonly result: ExchangeResult | null } | { readonly error: unknown })>;
  /** Sends what was held back: the answer is complete, whatever there is of it. */
  open(): Promise<void>;
  /** Whether the user was sent something of it. */
  isOpen(): boolean;
  /** What there is of the answer, where another miner could go on with it; see `BegunAnswerKeeper`. */
  begun(): BegunAnswer | null;
  /** Work units of what the user was sent of it. */
  shownUnits(): number;
  /** Another one's answer is taken. */
  cancel(): void;
};

/** What an attempt reports to whoever waits for it. */
export type AttemptOptions = {
  readonly exchange: Exchange;
  /** Something of the answer is there that a user would see. Returns whether the user gets this one's answer. */
  readonly onContent: (attempt: Attempt) => boolean;
};

/**
 * Asks one miner. Opening events without content are held back, so that a miner which only opens a stream does not bind the user to it; the
 * first content decides.
 */
export function askMiner(user: UserRequest, candidate: Candidate, { exchange, onContent }: AttemptOptions): Attempt {
  const { task, request, send } = user;
  const presenter = user.createPresenter();
  const cancelling = new AbortController();
  const begun = keepBegunAnswer();
  let held: string[] = [];
  let hasContent = false;
  let isOpen = false;
  const span = user.span === null ? null : beginMinerSpan(user.span, user, candidate.target);

  const open = async () => {
    if (isOpen || send === undefined) return;
    isOpen = true;
    const events = held;
    held = [];
    for (const event of events) await send(event);
  };
  const onParts = async (parts: readonly AnswerPart[]) => {
    cancelling.signal.throwIfAborted();
    // Of what is not streamed nobody has seen anything.
    if (send !== undefined) begun.add(parts);
    const presented = presenter.addParts(parts);
    if (presented === null) return;
    if (presented.hasContent && !hasContent) {
      hasContent = true;
      span?.mark("first content");
      if (!onContent(attempt)) throw new Error("another miner's answer is taken");
    }
    if (send === undefined) return;
    if (isOpen) return send(presented.text);
    held.push(presented.text);
    if (hasContent) await open();
  };
  const ask = async () => {
    const { target } = candidate;
    const { areTokensShown } = presenter;
    const { signal } = cancelling;
    // What `AbortSignal.any` does, at a fifth of its price.
    const onGone = () => cancelling.abort(user.signal.reason);
    if (user.signal.aborted) onGone();
    else user.signal.addEventListener("abort", onGone, { once: true });
    try {
      const result = await exchange.run({ target, task, request, isOrganic: true, areTokensShown, signal, onParts });
      if (span !== null) noteMinerResult(span, result);
      if (result !== null) user.onTried(target.hotkey, result);
      return { attempt, result };
    } catch (error) {
      span?.fail("internal");
      return { attempt, error };
    } finally {
      span?.end();
      user.signal.removeEventListener("abort", onGone);
    }
  };

  const attempt: Attempt = {
    candidate,
    presenter,
    // Begun in the next turn: what is told of this attempt needs it whole.
    ended: Promise.resolve().then(ask),
    open,
    isOpen: () => isOpen,
    begun: begun.read,
    shownUnits: () => (isOpen ? begun.units() : 0),
    cancel: () => cancelling.abort(new Error("another miner's answer is taken")),
  };
  return attempt;
}

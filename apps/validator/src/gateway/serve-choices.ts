import { setMaxListeners } from "node:events";
import type { AnswerUsage, Task } from "@vision/protocol";
import { billedPromptTokens } from "./billed-prompt-tokens.js";
import type { UserPresenter } from "./endpoints/endpoint.js";
import type { SingleRequest } from "./read-requests.js";
import { runUntilWhole, type WholeAnswer } from "./run-until-whole.js";
import type { RoutingOptions, ServingDependencies, UserRequest } from "./user-request.js";

/** A user's request for one or more answers. */
export type ChoicesRequest = {
  readonly task: Task;
  readonly singles: readonly SingleRequest[];
  /** Makes what turns one miner's answer into the user's choice. */
  readonly createPresenter: (choiceIndex: number) => UserPresenter;
  readonly routingOptions: RoutingOptions;
  readonly signal: AbortSignal;
  /** See `UserRequest`. */
  readonly span: UserRequest["span"];
  /** Given the encoded events of all answers as they come; see `UserRequest`. */
  readonly send?: (event: string) => Promise<void>;
  /** See `UserRequest`. */
  readonly onTried: UserRequest["onTried"];
};

/** One answer of a request. */
type AnsweredChoice = Extract<WholeAnswer, { kind: "answered" }>;

/** How it ended. */
export type ServedChoices = {
  /** Work units that the user has, of all answers: of streams that broke off what was sent, of other answers nothing unless all are whole. */
  readonly deliveredUnits: number;
} & (
  | Failure
  | {
      readonly kind: "answered";
      /** In the order of the choices; at least one. */
      readonly answers: readonly AnsweredChoice[];
      readonly usage: AnswerUsage;
    }
);

/** A miner failed after something of its answer was sent, or no miner could be found for one of them. */
type Failure = { readonly kind: "broken"; readonly presenter: UserPresenter } | { readonly kind: "refused"; readonly error: unknown };

/**
 * Asks for every answer on its own, all at the same time, each with its own miners. One that fails ends the others: a user asked for all of
 * them, and miners need not work for what nobody gets.
 */
export async function serveChoices(user: ChoicesRequest, dependencies: ServingDependencies): Promise<ServedChoices> {
  const { task, singles, createPresenter, routingOptions, send, onTried, span } = user;
  const failing = new AbortController();
  // One answer alone has no other that could fail.
  const signal = singles.length === 1 ? user.signal : AbortSignal.any([user.signal, failing.signal]);
  // Every answer under way listens to it.
  if (singles.length > 1) setMaxListeners(0, signal);
  const failures: Failure[] = [];
  let brokenUnits = 0;
  const fail = (failure: Failure) => {
    failures.push(failure);
    failing.abort(new Error("another answer of the request failed"));
  };
  const run = async ({ request }: SingleRequest, choiceIndex: number) => {
    try {
      const served = await runUntilWhole(
        {
          ...{ task, request, routingOptions, signal, span, onTried, createPresenter: () => createPresenter(choiceIndex) },
          ...(send === undefined ? {} : { send }),
        },
        dependencies,
      );
      if (served.kind === "answered") return [served];
      brokenUnits += served.shownUnits;
      fail({ kind: "broken", presenter: served.presenter });
    } catch (error) {
      fail({ kind: "refused", error });
    }
    return [];
  };
  const answers = (await Promise.all(singles.map(run))).flat();
  const deliveredUnits = answers.reduce((sum, { result, earlierUnits }) => sum + earlierUnits + result.completedUnits, brokenUnits);
  // Those behind the first failed because of it.
  const [failure] = failures;
  if (failure !== undefined) return { ...failure, deliveredUnits: send === undefined ? 0 : deliveredUnits };
  return { kind: "answered", answers, deliveredUnits, usage: usageOf(singles, answers) };
}

/** Tokens of the prompts, each counted once however many answers it has, as OpenAI counts them, and of all answers. */
function usageOf(singles: readonly SingleRequest[], answers: readonly AnsweredChoice[]): AnswerUsage {
  const prompts = new Map<number, number>();
  for (const [index, { result, earlierUnits }] of answers.entries()) {
    const single = singles[index];
    if (single === undefined) continue;
    // The prompt of an answer's rest has its beginning in it.
    const reportedTokens = earlierUnits === 0 ? result.reportedPromptTokens : null;
    prompts.set(single.promptIndex, billedPromptTokens({ ...single.prompt, reportedTokens }));
  }
  return {
    promptTokens: [...prompts.values()].reduce((sum, tokens) => sum + tokens, 0),
    completionTokens: answers.reduce((sum, { result, earlierUnits }) => sum + earlierUnits + Math.round(result.completedUnits), 0),
  };
}

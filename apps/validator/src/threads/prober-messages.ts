import type { MessagePort } from "node:worker_threads";
import type { HotkeySource, LogLevel } from "@vision/program";
import type { Answer, CapacityRequest } from "@vision/protocol";
import type { CapacitiesResult, MinerTarget } from "@vision/sdk/client";
import type { AskRequest, ReplyFacts, SentParts } from "../exchange/index.js";
import type { Standstill } from "../services/starvation-watch.js";
import type { CallMessage, ReplyMessage } from "./calls-over-messages.js";
import type { FromThread, ToThread } from "./thread-messages.js";

/** What the prober's thread starts with. It reads the hotkey itself: a loaded one holds its secret where no message can carry it. */
export type ProberThreadData = {
  readonly hotkeySource: HotkeySource;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly controlTimeoutMs: number;
  readonly logLevel: LogLevel;
};

/** What the core asks of miners. */
export type ProberCall =
  | ({
      readonly what: "answer";
      /** What the answer is called on the line that its parts go by; left out where they come back to the core. */
      readonly directId?: number | undefined;
    } & Omit<AskRequest, "signal" | "onParts" | "direct">)
  | { readonly what: "capacities"; readonly target: MinerTarget; readonly request: CapacityRequest };

/** What came of it. */
export type ProberReply =
  | {
      readonly what: "answer";
      readonly reply: ReplyFacts;
      readonly requestName: string | null;
      readonly wasDelayed: boolean;
      /** As JSON: the core takes it apart only where somebody wants it. */
      readonly answer: string | null;
      /** See `AskedReply`. */
      readonly shown: Answer | undefined;
      /** What went by the line; undefined where nothing was to. */
      readonly sent: SentParts | undefined;
    }
  | { readonly what: "capacities"; readonly result: CapacitiesResult };

/** From the core to the prober. */
export type ToProber =
  | ToThread
  | CallMessage<ProberCall>
  /** Parts of users' answers go here from now on, to the gateway's thread. */
  | { readonly kind: "line"; readonly port: MessagePort };

/** From the prober to the core. */
export type FromProber = FromThread<null> | ReplyMessage<ProberReply> | { readonly kind: "standstill"; readonly standstill: Standstill };

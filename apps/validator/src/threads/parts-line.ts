import { MessageChannel, type MessagePort } from "node:worker_threads";

/** One thread's end of a line, as whoever started the thread sees it. */
export type LineEnd = {
  /** The thread works, for the first time or again: it is given its port once the other one works too, and another for each start of that one. */
  onReady(give: (port: MessagePort) => void): void;
  onEnded(): void;
  /** Whether both have their ports. */
  isLaid(): boolean;
};

/** A line between two threads, of which either may end and be started again. */
export type PartsLine = { readonly gateway: LineEnd; readonly prober: LineEnd };

/** Lays a line for the parts of users' answers, from the thread that reads them to the one that wants them. */
export function createPartsLine(): PartsLine {
  const gives = new Map<keyof PartsLine, (port: MessagePort) => void>();

  function lay(): void {
    const [giveGateway, giveProber] = [gives.get("gateway"), gives.get("prober")];
    if (giveGateway === undefined || giveProber === undefined) return;
    const { port1, port2 } = new MessageChannel();
    giveGateway(port1);
    giveProber(port2);
  }
  const end = (name: keyof PartsLine): LineEnd => ({
    onReady(give) {
      gives.set(name, give);
      lay();
    },
    onEnded: () => void gives.delete(name),
    isLaid: () => gives.size === 2,
  });
  return { gateway: end("gateway"), prober: end("prober") };
}

/** One client: where notifications go, and what it has subscribed to. */
export class Connection {
  private nextSubscription = 1;
  private readonly stops = new Map<string, () => void>();

  /**
   * @param send - Sends a message, as an object, to the client.
   * @param label - Makes the subscriptions of this client distinct.
   */
  constructor(
    private readonly send: (message: unknown) => void,
    private readonly label: string,
  ) {}

  /**
   * Opens a subscription.
   *
   * @param method - Name that notifications carry.
   * @param start - Given a function that notifies the client; returns one that stops it. Notifications made before the client knows the
   * subscription's id wait until it does.
   * @returns The id of the subscription.
   */
  subscribe(method: string, start: (notify: (result: unknown) => void) => () => void): string {
    const subscription = `${this.label}-${this.nextSubscription}`;
    this.nextSubscription += 1;
    let early: unknown[] | null = [];
    const notify = (result: unknown): void => {
      if (early !== null) early.push(result);
      else this.send({ jsonrpc: "2.0", method, params: { subscription, result } });
    };
    this.stops.set(subscription, start(notify));
    setImmediate(() => {
      const waiting = early ?? [];
      early = null;
      if (!this.stops.has(subscription)) return;
      for (const result of waiting) notify(result);
    });
    return subscription;
  }

  /** Ends a subscription; false when there is none of that id. */
  unsubscribe(subscription: string): boolean {
    const stop = this.stops.get(subscription);
    stop?.();
    return this.stops.delete(subscription);
  }

  /** Ends every subscription. */
  close(): void {
    for (const stop of this.stops.values()) stop();
    this.stops.clear();
  }
}

/** Thrown by whoever is given a miner's events for one that cannot be shown to a user: the miner's failure, unlike any other error there. */
export class UnusableAnswerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UnusableAnswerError";
  }
}

/** How many requests of a task come of one conversation, of those that the validator itself has. */
export type ConversationPace = {
  /** One more request was sent; by false a later turn of a conversation. */
  note(taskId: string, isFirst: boolean): void;
  /** 1 or more; 1 before any was sent. */
  requestsPerConversation(taskId: string): number;
  /** How many conversations so many requests are likely to be: one at least, and none of none. */
  conversationsIn(taskId: string, requests: number): number;
  /** What was sent until now counts half from here on. */
  endPeriod(): void;
};

/** Conversations of one request that count beside those that were sent: few tell little. */
const PRIOR = 10;

/** Counts of nothing yet, in memory only: a period of requests tells it again. */
export function createConversationPace(): ConversationPace {
  const counts = new Map<string, { requests: number; firsts: number }>();
  function requestsPerConversation(taskId: string): number {
    const { requests, firsts } = counts.get(taskId) ?? { requests: 0, firsts: 0 };
    return (requests + PRIOR) / (firsts + PRIOR);
  }

  return {
    note(taskId, isFirst) {
      const count = counts.get(taskId) ?? { requests: 0, firsts: 0 };
      counts.set(taskId, count);
      count.requests += 1;
      if (isFirst) count.firsts += 1;
    },
    requestsPerConversation,
    conversationsIn: (taskId, requests) => Math.min(requests, Math.max(1, requests / requestsPerConversation(taskId))),
    endPeriod() {
      for (const count of counts.values()) {
        count.requests /= 2;
        count.firsts /= 2;
      }
    },
  };
}

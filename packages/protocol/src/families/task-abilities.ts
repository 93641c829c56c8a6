/** What requests can ask for that not every task can do. */
export const taskCapabilities = ["tools", "json", "pictures", "logit-bias", "sampling", "suffix", "continuation"] as const;

/** One of {@link taskCapabilities}. */
export type TaskCapability = (typeof taskCapabilities)[number];

// @ts-check
import { existsSync } from "node:fs";

if (existsSync(".env")) process.loadEnvFile(".env");
const { env } = process;

/** What the miner is told by `.env` or by the environment, which goes before. */
export const settings = {
  task: env.TASK ?? "__TASK__",
  /** Work units an hour (tokens, image steps) that validators may use, all together. Measure it; what cannot be kept is paid less. */
  capacityPerHour: numberOf("CAPACITY_PER_HOUR", 500_000),
  /** Requests at a time. */
  concurrency: numberOf("CONCURRENCY", 16),
  host: env.HOST ?? "127.0.0.1",
  port: numberOf("PORT", 8091),
  modelServerUrl: env.MODEL_SERVER_URL,
  modelServerKey: env.MODEL_SERVER_KEY,
  model: env.MODEL,
  /** The subnet to join. Without it the miner serves whoever asks on this machine, with a key that everybody knows. */
  netuid: env.NETUID === undefined ? undefined : numberOf("NETUID", 0),
  network: env.NETWORK ?? "finney",
  wallet: env.WALLET ?? "default",
  walletHotkey: env.WALLET_HOTKEY ?? "default",
  /** The IP address that validators reach this machine by. */
  announceHost: env.ANNOUNCE_HOST,
  announcePort: numberOf("ANNOUNCE_PORT", numberOf("PORT", 8091)),
};

/**
 * @param {string} name
 * @param {number} fallback
 */
function numberOf(name, fallback) {
  const text = env[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} must be a whole number, and is "${text}"`);
  return value;
}

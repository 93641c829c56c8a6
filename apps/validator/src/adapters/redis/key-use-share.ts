import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { KeyUse } from "../../gateway/index.js";
import { connectRedis, type RedisLink } from "./connect-redis.js";

/** Where gateways tell each other what keys have used. */
export type KeyUseShare = {
  /** Says what keys used here, in the place of what was said before, and resolves to what others said, by process. Rejects while Redis is away. */
  exchange(own: readonly KeyUse[]): Promise<ReadonlyMap<string, readonly KeyUse[]>>;
  close(): void;
};

/** Who says nothing for so long is gone, and with it what it had under way. */
const LIVES_MS = 10_000;

/** ARGV: process, lives for ms, then key and use for each key. */
const EXCHANGE = `
local processes, self, livesMs = KEYS[1] .. ':limits', ARGV[1], tonumber(ARGV[2])
local function usesOf(process) return processes .. ':' .. process end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('DEL', usesOf(self))
for at = 3, #ARGV, 2 do redis.call('HSET', usesOf(self), ARGV[at], ARGV[at + 1]) end
redis.call('PEXPIRE', usesOf(self), livesMs)
redis.call('ZADD', processes, now + livesMs, self)
redis.call('ZREMRANGEBYSCORE', processes, '-inf', now)
redis.call('PEXPIRE', processes, livesMs)
local others = {}
for _, process in ipairs(redis.call('ZRANGE', processes, 0, -1)) do
  if process ~= self then table.insert(others, { process, redis.call('HVALS', usesOf(process)) }) end
end
return others
`;

const count = z.number().min(0);
const useSchema: z.ZodType<KeyUse> = z.object({
  keyId: z.string(),
  requestsPerMinute: count,
  tokensPerMinute: count.nullable(),
  requests: count,
  tokens: z.number(),
  left: count,
  underWay: count,
  // Gateways of before the budgets do not say it.
  openUnits: count.default(0),
});
const replySchema = z.array(z.tuple([z.string(), z.array(z.string())]));

/** What others said; a use that cannot be read is left out: it is of another release. */
function parseReply(reply: unknown): ReadonlyMap<string, readonly KeyUse[]> {
  return new Map(
    replySchema
      .parse(reply)
      .map(([process, texts]) => [process, texts.flatMap((text) => useSchema.safeParse(JSON.parse(text)).data ?? [])]),
  );
}

/** Shares with all gateways of a validator, on the Redis at `url`. */
export function openKeyUseShare({ url, validator }: { readonly url: string; readonly validator: string }): KeyUseShare {
  const link: RedisLink<"exchange"> = connectRedis(url, { exchange: EXCHANGE });
  const self = randomUUID();
  return {
    async exchange(own) {
      const uses = own.flatMap((use) => [use.keyId, JSON.stringify(use)]);
      return parseReply(await link.run("exchange", `{vision:${validator}}`, [self, String(LIVES_MS), ...uses]));
    },
    close: () => link.close(),
  };
}

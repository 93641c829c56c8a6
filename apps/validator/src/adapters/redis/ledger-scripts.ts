/**
 * What is kept in Redis, all under one prefix:
 *
 * - `processes`: a sorted set of the processes that share the ledger, by the time until which each is taken to live.
 * - `uses:PROCESS`: a hash of what that process has taken of the budgets, by `PERIOD HOTKEY TASK` as `TAKEN HELD` (held is part of taken),
 *   by `HOTKEY` how many requests it has under way there, and by `token` the number of the
 *   connection whose commands count. What it held can be given back once it is dead.
 * - `taken:PERIOD`: a hash of what all of them have taken, by `HOTKEY TASK`.
 * - `requests`: a hash of requests under way, by hotkey.
 * - `paces`: a hash of the times at which nothing of a pace will be in use any more, by `HOTKEY TASK` (`domain/pace.ts`).
 *
 * Times are Redis' own, on which all machines agree. Numbers go in and out as text: Redis cuts fractions off.
 */
const prelude = `
local prefix = KEYS[1]
local now = tonumber(ARGV[1])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
end
local HOUR_MS = 3600000
local TOLERANCE = 0.000001
local processes, requests, paces = prefix .. ':processes', prefix .. ':requests', prefix .. ':paces'
local function text(value) return string.format('%.17g', value) end
local function number(value) return tonumber(value or '0') or 0 end
local function usesOf(process) return prefix .. ':uses:' .. process end
local function takenOf(period) return prefix .. ':taken:' .. period end
local function add(key, field, value)
  if value == 0 then return end
  local sum = number(redis.call('HGET', key, field)) + value
  redis.call('HSET', key, field, text(sum))
end
local function readUse(value)
  local taken, held = string.match(value or '0 0', '^(%S+) (%S+)$')
  return tonumber(taken), tonumber(held)
end
-- Takes back what a process held, or all that it ever took.
local function giveBack(process, isAll)
  local key = usesOf(process)
  local fields = redis.call('HGETALL', key)
  for at = 1, #fields, 2 do
    local field, value = fields[at], fields[at + 1]
    local period, account = string.match(field, '^(%d+) (.+)$')
    if field == 'token' then
      -- Stays: what an older connection sent may still come.
    elseif period == nil then
      add(requests, field, -number(value))
      redis.call('HDEL', key, field)
    else
      local taken, held = readUse(value)
      if redis.call('EXISTS', takenOf(period)) == 1 then add(takenOf(period), account, isAll and -taken or -held) end
      redis.call('HSET', key, field, text(taken - held) .. ' 0')
    end
  end
  if isAll then redis.call('DEL', key) end
end
local function isKnown(process, token)
  return redis.call('ZSCORE', processes, process) and redis.call('HGET', usesOf(process), 'token') == token
end
local function buryDead()
  for _, process in ipairs(redis.call('ZRANGEBYSCORE', processes, '-inf', text(now))) do
    giveBack(process, false)
    redis.call('ZREM', processes, process)
  end
end
`;

/**
 * Says all that a process has taken, in the place of whatever it said before: at the start, and whenever it does not know what of its commands
 * has arrived. Does nothing where a later connection has said so already. ARGV: now, lives for ms, process, token, kept for ms, then 9 for each account: period, hotkey, task, taken,
 * held, requests, ms of its pace that were in use when it was last heard of, ms to add, units that the period began with.
 */
const JOIN = `${prelude}
local livesMs, process, token, keptMs = number(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local uses = usesOf(process)
if number(redis.call('HGET', uses, 'token')) >= number(token) then return 0 end
buryDead()
giveBack(process, true)
redis.call('HSET', uses, 'token', token)
for at = 6, #ARGV, 9 do
  local period, hotkey, task = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local taken, held, count = number(ARGV[at + 3]), ARGV[at + 4], number(ARGV[at + 5])
  local usedMs, moreMs, began = number(ARGV[at + 6]), number(ARGV[at + 7]), number(ARGV[at + 8])
  local account = hotkey .. ' ' .. task
  if began > 0 then redis.call('HSETNX', takenOf(period), account, text(began)) end
  if taken ~= 0 then
    add(takenOf(period), account, taken)
    redis.call('HSET', uses, period .. ' ' .. account, text(taken) .. ' ' .. held)
  end
  redis.call('PEXPIRE', takenOf(period), keptMs)
  add(requests, hotkey, count)
  add(uses, hotkey, count)
  if usedMs > 0 or moreMs ~= 0 then
    local fullAt = math.max(number(redis.call('HGET', paces, account)), now + usedMs) + moreMs
    redis.call('HSET', paces, account, text(fullAt))
  end
end
redis.call('PEXPIRE', uses, keptMs)
redis.call('ZADD', processes, text(now + livesMs), process)
return 1
`;

/** Says that a process lives, and tells all that is taken. ARGV: now, lives for ms, process, token, period, kept for ms. */
const LOOK = `${prelude}
local livesMs, process, token, period, keptMs = number(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[6]
buryDead()
if not isKnown(process, token) then return false end
redis.call('ZADD', processes, text(now + livesMs), process)
redis.call('PEXPIRE', usesOf(process), keptMs)
local full = redis.call('HGETALL', paces)
local left = {}
for at = 1, #full, 2 do
  local ms = number(full[at + 1]) - now
  if ms > 0 then
    table.insert(left, full[at])
    table.insert(left, text(ms))
  else
    redis.call('HDEL', paces, full[at])
  end
end
local counts = redis.call('HGETALL', requests)
for at = 1, #counts, 2 do
  if number(counts[at + 1]) <= 0 then redis.call('HDEL', requests, counts[at]) end
end
return { redis.call('ZCARD', processes), redis.call('HGETALL', takenOf(period)), left, counts, redis.call('HGETALL', usesOf(process)) }
`;

const told = `
local fullAt = number(redis.call('HGET', paces, account))
local ownTaken = readUse(redis.call('HGET', uses, period .. ' ' .. account))
local others = number(redis.call('HGET', takenOf(period), account)) - ownTaken
local othersCount = number(redis.call('HGET', requests, hotkey)) - number(redis.call('HGET', uses, hotkey))
return { isTaken, text(others), text(math.max(0, fullAt - now)), text(othersCount) }
`;

/**
 * Takes units of a budget and of its pace, if all of them are there. ARGV: now, process, token, period, hotkey, task, units, budget, units per hour or
 * nothing, burst, slack ms, kept for ms.
 */
const RESERVE = `${prelude}
local process, token, period, hotkey, task = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local units, budget, rate, burst, slackMs, keptMs = number(ARGV[7]), number(ARGV[8]), tonumber(ARGV[9]), number(ARGV[10]), number(ARGV[11]), ARGV[12]
if not isKnown(process, token) then return false end
local account, uses = hotkey .. ' ' .. task, usesOf(process)
local isTaken = 1
if number(redis.call('HGET', takenOf(period), account)) + units > budget + TOLERANCE then isTaken = 0 end
if rate ~= nil and isTaken == 1 then
  local before = number(redis.call('HGET', paces, account))
  local saved = math.max(0, burst - math.max(0, before - now) * rate / HOUR_MS)
  if saved < burst and units > saved + TOLERANCE then
    isTaken = 0
  else
    redis.call('HSET', paces, account, text(math.max(before, now + slackMs) + units * HOUR_MS / rate))
  end
end
if isTaken == 1 then
  add(takenOf(period), account, units)
  redis.call('PEXPIRE', takenOf(period), keptMs)
  local taken, held = readUse(redis.call('HGET', uses, period .. ' ' .. account))
  redis.call('HSET', uses, period .. ' ' .. account, text(taken + units) .. ' ' .. text(held + units))
  add(requests, hotkey, 1)
  add(uses, hotkey, 1)
end
${told}`;

/** Gives a hold back, but for what was used of it. ARGV: now, process, token, period, hotkey, task, units, used units, units per hour or nothing, kept for ms. */
const RELEASE = `${prelude}
local process, token, period, hotkey, task = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local units, used, rate, keptMs = number(ARGV[7]), number(ARGV[8]), tonumber(ARGV[9]), ARGV[10]
if not isKnown(process, token) then return false end
local account, uses = hotkey .. ' ' .. task, usesOf(process)
local isTaken = 1
add(takenOf(period), account, used - units)
redis.call('PEXPIRE', takenOf(period), keptMs)
local taken, held = readUse(redis.call('HGET', uses, period .. ' ' .. account))
redis.call('HSET', uses, period .. ' ' .. account, text(taken + used - units) .. ' ' .. text(held - units))
add(requests, hotkey, -1)
add(uses, hotkey, -1)
if rate ~= nil then add(paces, account, (used - units) * HOUR_MS / rate) end
${told}`;

/** The scripts of the ledger, in Lua. Each is given the prefix as its one key, and the time, or nothing, before its own arguments. */
export const ledgerScripts = { join: JOIN, look: LOOK, reserve: RESERVE, release: RELEASE } as const;

#!lua flags=allow-oom
-- Says that this consumer is alive, and takes what dead ones have left. A waiting consumer never touches its group, so
-- idle times say nothing: liveness is a lease. A dead consumer is deleted once nothing is pending with it, for
-- XGROUP DELCONSUMER drops what is.
--
-- KEYS     log lease retry
-- ARGV     tag group consumer leaseMs countMax backoffMsMax
-- Replies  ALIVE: claimed ids, ms until the next retry is due ('' where none waits), names of deleted consumers, '1' where
--          a dead one has more than was claimed at once
-- Crash    nothing is lost: what was claimed is pending with this consumer.
local log, lease, retry = unpack(KEYS)
local tag, group, consumer, leaseMs, countMax, backoffMsMax = unpack(ARGV)
-- @include clock
-- @include integer
-- @include plan
-- @include takeOver
-- @include retries

checkBuryKeys()
redis.call('ZCARD', lease)
local consumers = redis.call('XINFO', 'CONSUMERS', log, group)

-- First write.
redis.call('ZADD', lease, writeInteger(now), consumer)

local claimed, deleted, more = {}, {}, '0'
local function claimFrom(name)
  local pending = redis.call('XPENDING', log, group, '-', '+', countMax, name)
  for _, entry in ipairs(pending) do
    -- One that waits for its next attempt goes on waiting, with a new owner.
    if takeOver(entry[1]) and not redis.call('ZSCORE', retry, entry[1]) then
      claimed[#claimed + 1] = entry[1]
    end
  end
  if #pending < tonumber(countMax) then
    redis.call('XGROUP', 'DELCONSUMER', log, group, name)
    redis.call('ZREM', lease, name)
    deleted[#deleted + 1] = name
  else
    more = '1'
  end
end

for _, info in ipairs(consumers) do
  local name = info[2]
  local seen = tonumber(redis.call('ZSCORE', lease, name) or '')
  -- One without a lease (lost, or from before it began) or with one of the future (the clock went back) gets a fresh one.
  if not (seen and seen <= now + leaseMs) then
    redis.call('ZADD', lease, writeInteger(now), name)
  elseif seen < now - leaseMs and name ~= consumer then
    claimFrom(name)
  end
end
-- Leases of consumers that never read anything are of no use once they have run out. One that has more to be claimed keeps
-- its own: without it, it would seem to have just begun.
if more == '0' then
  redis.call('ZREMRANGEBYSCORE', lease, '-inf', '(' .. writeInteger(now - 10 * leaseMs))
end

return { 'ALIVE', claimed, msUntilRetry(), deleted, more }

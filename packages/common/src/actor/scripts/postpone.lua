#!lua flags=allow-oom
-- Writes down that an entry has failed once more: it waits for its next attempt, or becomes a dead letter after its last.
-- The attempts are the pending list's own delivery count.
--
-- KEYS     log retry
-- ARGV     tag group consumer id cause attemptsMax backoffMs backoffMsMax
-- Replies  POSTPONED: attempts, ms until the next; BURIED: attempts, reason; DUPLICATE
-- Crash    the entry is still pending, and tried again without having been counted.
local log, retry = unpack(KEYS)
local tag, group, consumer, id, cause, attemptsMax, backoffMs, backoffMsMax = unpack(ARGV)
-- @include clock
-- @include integer
-- @include plan
-- @include pending

local pending = redis.call('XPENDING', log, group, id, id, 1)[1]
if not pending then
  return { 'DUPLICATE' }
end
local attempts = pending[4] + 1
local entry = redis.call('XRANGE', log, id, id)[1]
checkBuryKeys()

if not entry then
  buryPending(id, {}, 'TRIMMED', cause, attempts)
  return { 'BURIED', attempts, 'TRIMMED' }
end
if tonumber(attemptsMax) > 0 and attempts >= tonumber(attemptsMax) then
  buryPending(id, entry[2], 'FAILED', cause, attempts)
  return { 'BURIED', attempts, 'FAILED' }
end
local delay = math.min(tonumber(backoffMsMax), tonumber(backoffMs) * 2 ^ math.min(attempts - 1, 30))
redis.call('XCLAIM', log, group, consumer, 0, id, 'RETRYCOUNT', attempts, 'JUSTID')
redis.call('ZADD', retry, writeInteger(now + delay), id)
return { 'POSTPONED', attempts, writeInteger(delay) }

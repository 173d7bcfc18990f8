#!lua flags=allow-oom
-- Takes entries whose time for another attempt has come, whoever had them before: from here on this consumer runs them.
--
-- KEYS     log retry
-- ARGV     tag group consumer countMax backoffMsMax
-- Replies  TAKEN: ids, ms until the next one is due ('' where none waits)
-- Crash    the entries are pending with this consumer and no longer waiting: its successor claims and runs them.
local log, retry = unpack(KEYS)
local tag, group, consumer, countMax, backoffMsMax = unpack(ARGV)
-- @include clock
-- @include integer
-- @include plan
-- @include takeOver
-- @include retries

checkBuryKeys()
local taken = {}
for _, id in ipairs(dueRetries(countMax)) do
  if redis.call('XPENDING', log, group, id, id, 1)[1] and takeOver(id) then
    taken[#taken + 1] = id
  end
  redis.call('ZREM', retry, id)
end
return { 'TAKEN', taken, msUntilRetry() }

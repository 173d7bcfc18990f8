#!lua flags=allow-oom
-- Removes the records of cancelled and reached deadlines whose retention is over.
--
-- KEYS     index
-- ARGV     tag retentionMs offset countMax
-- Replies  SWEPT: looked at, removed, why one could not be read ('' where all could)
-- Crash    nothing or everything.
local index = unpack(KEYS)
local tag, retentionMs, offset, countMax = unpack(ARGV)
local group = 'deadline'
-- @include clock
-- @include integer
-- @include plan
-- @include sweep
-- @include deadlineKeys

local function removal(orderId, member)
  local deadline = redis.call('HGET', deadlineKey(orderId), 'deadline')
  if not isForgotten(orderId, deadline, retentionMs) then
    return nil
  end
  return { { 'DEL', deadlineKey(orderId) }, { 'ZREM', closedKey, member } }
end

return sweepIndex(index, retentionMs, offset, countMax, removal)

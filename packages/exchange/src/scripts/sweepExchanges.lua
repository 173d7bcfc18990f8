#!lua flags=allow-oom
-- Removes the records of one status whose retention is over.
--
-- KEYS     index
-- ARGV     tag status retentionMs offset countMax
-- Replies  SWEPT: looked at, removed, why one could not be read ('' where all could)
-- Crash    nothing or everything.
local index = unpack(KEYS)
local tag, status, retentionMs, offset, countMax = unpack(ARGV)
local group = 'exchange'
-- @include clock
-- @include integer
-- @include plan
-- @include sweep
-- @include exchangeKeys

return sweepIndex(index, retentionMs, offset, countMax, function(orderId, member)
  local deadline = redis.call('HGET', exchangeKey(orderId), 'deadline')
  if not isForgotten(orderId, deadline, retentionMs) then
    return nil
  end
  return { { 'DEL', exchangeKey(orderId) }, { 'ZREM', statusIndexKey(status), member } }
end)

#!lua flags=allow-oom
-- Removes the orders of one settled status whose retention is over, with their index in the log: from then on the other
-- services may forget their part of them. An order whose last event is still in the log stays: the log is trimmed only at
-- what every group has passed and nobody has pending, so that nothing of it can still be under way.
--
-- KEYS     index log
-- ARGV     tag status retentionMs offset countMax
-- Replies  SWEPT: looked at, removed, why one could not be read ('' where all could)
-- Crash    nothing or everything.
local index, log = unpack(KEYS)
local tag, status, retentionMs, offset, countMax = unpack(ARGV)
local group = 'order'
-- @include clock
-- @include integer
-- @include plan
-- @include sweep
-- @include settle

local function holderIndexKey(holderId)
  return 'order:{' .. tag .. '}:holder:' .. holderId
end

local firstEntry = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]

local function isOlder(id, other)
  local ms, sequence = string.match(id, '^(%d+)-(%d+)$')
  local otherMs, otherSequence = string.match(other, '^(%d+)-(%d+)$')
  if ms ~= otherMs then
    return tonumber(ms) < tonumber(otherMs)
  end
  return tonumber(sequence) < tonumber(otherSequence)
end

-- Whether every event of the order has left the log. What stands last in its index may be a note about another entry.
local function isTrimmed(orderId)
  local items = firstEntry and redis.call('LRANGE', indexKey(orderId), 0, -1) or {}
  for i = #items, 1, -1 do
    if string.find(items[i], '^%d+-%d+$') then
      return isOlder(items[i], firstEntry[1])
    end
  end
  return true
end

local function removal(orderId, member)
  local order = readOrder(orderId)
  if not order then
    return { { 'ZREM', index, member } }
  end
  local over = tonumber(order.deadline) + retentionMs <= now
  if order.status ~= status or not over or not isTrimmed(orderId) then
    return nil
  end
  redis.call('ZCARD', holderIndexKey(order.holderId))
  return {
    { 'DEL', orderKey(orderId), indexKey(orderId) },
    { 'ZREM', index, member },
    { 'ZREM', holderIndexKey(order.holderId), member },
  }
end

return sweepIndex(index, retentionMs, offset, countMax, removal)

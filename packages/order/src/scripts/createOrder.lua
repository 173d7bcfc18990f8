#!lua
-- Takes an order in, once for each request key. Not allow-oom: at maxmemory new orders are refused, and settling goes on.
--
-- KEYS     request sequence holderIndex
-- ARGV     tag partition partitions holderId currencyId amount body admit deadlineMs requestMs
-- Replies  CREATED: outcome, order id, createdAt, deadline;
--          REPLAYED: order id, its record as it is now (empty where it was swept away or lost);
--          CONFLICT: the id of the order that this key made with another body; OVERLOADED
-- Outcomes POST /orders|none|PENDING|OrderCreated
-- Crash    nothing of it or all of it; the request key tells a retry which.
local request, sequence, holderIndex = unpack(KEYS)
local tag, partition, partitions, holderId, currencyId, amount, body, admit, deadlineMs, requestMs = unpack(ARGV)
local group = 'order'
-- @include clock
-- @include integer
-- @include plan
-- @include orderKeys

local known = redis.call('GET', request)
if known then
  local orderId, knownBody = string.match(known, '^(%d+) (%x+)$')
  if not orderId then
    error('the request key is unreadable: ' .. known)
  end
  if knownBody ~= body then
    return { 'CONFLICT', orderId }
  end
  return { 'REPLAYED', orderId, redis.call('HGETALL', orderKey(orderId)) }
end
-- A retry of what was taken in is answered above, however busy we are.
if admit == '0' then
  return { 'OVERLOADED' }
end

local ordinal = storedInteger(redis.call('GET', sequence), 0, 'the sequence of orders') + 1
local orderId = writeInteger((ordinal - 1) * partitions + partition + 1)
if not readInteger(orderId) then
  error('the ids of orders are used up')
end
-- Never over a record that is there: a sequence that was set back must not take an order's points twice.
if redis.call('EXISTS', orderKey(orderId)) == 1 then
  error('order ' .. orderId .. ' exists already: the sequence of orders is behind')
end
for _, key in ipairs({ pendingKey, holderIndex, statusIndexKey('PENDING') }) do
  redis.call('ZCARD', key)
end
checkLogKeys(orderId)

local createdAt, deadline, member = nowText, writeInteger(now + deadlineMs), indexMember(orderId)
local plan = {
  from = 'none', to = 'PENDING',
  writes = {
    { 'SET', request, orderId .. ' ' .. body, 'PX', requestMs },
    { 'SET', sequence, writeInteger(ordinal) },
    { 'HSET', orderKey(orderId), 'status', 'PENDING', 'holderId', holderId, 'currencyId', currencyId, 'amount', amount,
      'createdAt', createdAt, 'deadline', deadline },
    { 'ZADD', pendingKey, deadline, orderId },
    { 'ZADD', statusIndexKey('PENDING'), createdAt, member },
    { 'ZADD', holderIndex, createdAt, member },
  },
  emits = { 'OrderCreated', 'holderId', holderId, 'currencyId', currencyId, 'amount', amount },
}
apply(plan, orderId, deadline, nil)
return { 'CREATED', outcomeOf('POST /orders', plan), orderId, createdAt, deadline }

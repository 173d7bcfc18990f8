#!lua
-- Takes orders in, each once for each request key. Several in one call: what a call costs besides its orders is as much as
-- one of them. Not allow-oom: at maxmemory new orders are refused, and settling goes on.
--
-- KEYS     sequence
-- ARGV     tag partition partitions deadlineMs orders...
-- More     for each order: holderId currencyId amount request body admit requestMs
-- Replies  TAKEN: for each order in turn what became of it
-- Each     CREATED: outcome, order id, createdAt, deadline;
--          REPLAYED: order id, its record as it is now (empty where it was swept away or lost);
--          CONFLICT: the id of the order that this key made with another body; OVERLOADED; FAILED: the error
-- Outcomes POST /orders|none|PENDING|OrderCreated
-- Crash    nothing of it or all of it; the request keys tell a retry which.
local sequence = unpack(KEYS)
local tag, partition, partitions, deadlineMs = unpack(ARGV)
local ORDERS_FROM, VALUES_OF_ORDER = 5, 7
local group = 'order'
-- @include clock
-- @include integer
-- @include plan
-- @include messageOf
-- @include orderKeys

-- What was done for this request before; nil for a new one.
local function answeredBefore(key, body)
  local known = redis.call('GET', key)
  if not known then
    return nil
  end
  local orderId, knownBody = string.match(known, '^(%d+) (%x+)$')
  if not orderId then
    error('the request key is unreadable: ' .. known)
  end
  if knownBody ~= body then
    return { 'CONFLICT', orderId }
  end
  return { 'REPLAYED', orderId, redis.call('HGETALL', orderKey(orderId)) }
end

local function nextId()
  local ordinal = storedInteger(redis.call('GET', sequence), 0, 'the sequence of orders') + 1
  local orderId = writeInteger((ordinal - 1) * partitions + partition + 1)
  if not readInteger(orderId) then
    error('the ids of orders are used up')
  end
  -- Never over a record that is there: a sequence that was set back must not take an order's points twice.
  if redis.call('EXISTS', orderKey(orderId)) == 1 then
    error('order ' .. orderId .. ' exists already: the sequence of orders is behind')
  end
  return writeInteger(ordinal), orderId
end

local deadline = writeInteger(now + deadlineMs)

local function create(holderId, currencyId, amount, key, body, requestMs)
  local ordinal, orderId = nextId()
  local holderIndex = holderIndexKey(holderId)
  checkKey('ZCARD', pendingKey)
  checkKey('ZCARD', statusIndexKey('PENDING'))
  checkKey('ZCARD', holderIndex)
  checkLogKeys(orderId)
  local member = indexMember(orderId)
  local plan = {
    from = 'none', to = 'PENDING',
    writes = {
      { 'SET', key, orderId .. ' ' .. body, 'PX', requestMs },
      { 'SET', sequence, ordinal },
      { 'HSET', orderKey(orderId), 'status', 'PENDING', 'holderId', holderId, 'currencyId', currencyId, 'amount', amount,
        'createdAt', nowText, 'deadline', deadline },
      { 'ZADD', pendingKey, deadline, orderId },
      { 'ZADD', statusIndexKey('PENDING'), nowText, member },
      { 'ZADD', holderIndex, nowText, member },
    },
    emits = { 'OrderCreated', 'holderId', holderId, 'currencyId', currencyId, 'amount', amount },
  }
  apply(plan, orderId, deadline, nil)
  return { 'CREATED', outcomeOf('POST /orders', plan), orderId, nowText, deadline }
end

local function take(holderId, currencyId, amount, request, body, admit, requestMs)
  local key = requestKey(request)
  -- A retry of what was taken in is answered, however busy we are.
  local before = answeredBefore(key, body)
  if before then
    return before
  end
  if admit == '0' then
    return { 'OVERLOADED' }
  end
  return create(holderId, currencyId, amount, key, body, requestMs)
end

-- One that cannot be taken in is in no other's way: whatever can fail does so before its first write.
local taken = {}
for first = ORDERS_FROM, #ARGV, VALUES_OF_ORDER do
  local ok, result = pcall(take, unpack(ARGV, first, first + VALUES_OF_ORDER - 1))
  taken[#taken + 1] = ok and result or { 'FAILED', messageOf(result) }
end
return { 'TAKEN', unpack(taken) }

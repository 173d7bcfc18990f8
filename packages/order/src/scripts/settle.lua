-- The settling of an order, the same whatever brings it about: an event, or the sweep.
-- @include keyType
-- @include orderKeys

local STATUSES = {
  PENDING = true, APPROVED = true, ['REJECTED DUE TO POINT LIMIT'] = true, ['REJECTED DUE TO DEADLINE'] = true,
  ['REJECTED DUE TO EXCHANGE ERROR'] = true,
}

-- The order, nil where there is none; `deadline` is text. Fails where the record cannot be trusted: what is read here goes
-- into writes and events.
local function readOrder(orderId)
  local status, holderId, currencyId, amount, createdAt, deadline = unpack(redis.call('HMGET', orderKey(orderId),
    'status', 'holderId', 'currencyId', 'amount', 'createdAt', 'deadline'))
  if not status then
    return nil
  end
  local readable = STATUSES[status] and holderId and currencyId
    and readInteger(amount) and readInteger(createdAt) and readInteger(deadline)
  if not readable then
    error('order ' .. orderId .. ' is unreadable')
  end
  return { id = orderId, status = status, holderId = holderId, currencyId = currencyId, amount = amount,
    createdAt = createdAt, deadline = deadline }
end

-- The order that an event wants `wanted`, where it is still open; otherwise nil and the plan that passes the event by.
local function openOrder(event, wanted)
  local order = readOrder(event.orderId)
  if not order then
    return nil, ignored('none', 'UNKNOWN_ORDER')
  end
  if order.status ~= 'PENDING' then
    return nil, ignored(order.status, order.status ~= wanted and 'ALREADY_SETTLED' or nil)
  end
  -- What the order's next event carries is the record's deadline, whatever this event says.
  event.deadline = order.deadline
  return order
end

local function announcement(order, status)
  if status == 'APPROVED' then
    return { 'OrderPlaced', 'holderId', order.holderId }
  end
  return { 'OrderRejected', 'holderId', order.holderId, 'currencyId', order.currencyId, 'amount', order.amount,
    'reason', string.match(status, '^REJECTED DUE TO (.+)$') }
end

-- The plan that settles an open order.
local function settled(order, status)
  for _, key in ipairs({ pendingKey, statusIndexKey('PENDING'), statusIndexKey(status) }) do
    checkKey('ZCARD', key)
  end
  local member = indexMember(order.id)
  return {
    from = 'PENDING', to = status,
    writes = {
      { 'HSET', orderKey(order.id), 'status', status, 'settledAt', nowText },
      { 'ZREM', pendingKey, order.id },
      { 'ZREM', statusIndexKey('PENDING'), member },
      { 'ZADD', statusIndexKey(status), order.createdAt, member },
    },
    emits = announcement(order, status),
  }
end

-- On OrderRejected: takes the exchange back; one that has not happened yet is made impossible.
--
-- Reads     exchange:{tag}:<orderId>, the indexes of EXCHANGED, COMPENSATED and VOIDED
-- Outcomes  OrderRejected|EXCHANGED|COMPENSATED|ExchangeCompensated
--           OrderRejected|none|VOIDED|
--           OrderRejected|none|none|STALE
-- @include settings
-- @include exchangeKeys

-- The record stays: a state is what makes a second delivery harmless.
local function compensated(event)
  local userId, point, at = unpack(redis.call('HMGET', exchangeKey(event.orderId), 'userId', 'point', 'at'))
  if not (userId and readInteger(point) and readInteger(at)) then
    error('the exchange of order ' .. event.orderId .. ' is unreadable')
  end
  local member = indexMember(event.orderId)
  return {
    from = 'EXCHANGED', to = 'COMPENSATED',
    writes = {
      { 'HSET', exchangeKey(event.orderId), 'status', 'COMPENSATED' },
      { 'ZREM', statusIndexKey('EXCHANGED'), member },
      { 'ZADD', statusIndexKey('COMPENSATED'), at, member },
    },
    emits = { 'ExchangeCompensated', 'userId', userId, 'point', point },
  }
end

function transitions.OrderRejected(event)
  local status = readStatus(event.orderId, 'EXCHANGED', 'COMPENSATED', 'VOIDED')
  if status == 'EXCHANGED' then
    return compensated(event)
  end
  if status ~= 'none' then
    return ignored(status)
  end
  -- A record that was swept away looks like one that never was: far past the deadline nobody can tell, so a person must.
  if now >= tonumber(event.deadline) + RETENTION_MS / 2 then
    return { from = 'none', to = 'none', dead = 'STALE' }
  end
  return {
    from = 'none', to = 'VOIDED',
    writes = {
      { 'HSET', exchangeKey(event.orderId), 'status', 'VOIDED', 'userId', event.holderId, 'deadline', event.deadline,
        'at', nowText },
      { 'ZADD', statusIndexKey('VOIDED'), nowText, indexMember(event.orderId) },
    },
  }
end

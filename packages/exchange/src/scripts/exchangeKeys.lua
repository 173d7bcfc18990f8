-- The exchange record of an order, its key and the index by status.
-- @include indexMember
-- @include keyType

local function exchangeKey(orderId)
  return 'exchange:{' .. tag .. '}:' .. orderId
end

local function statusIndexKey(status)
  return 'exchange:{' .. tag .. '}:status:' .. status
end

-- The record's status, 'none' where there is no record; fails where an index that a plan moves it between is no sorted set.
local function readStatus(orderId, ...)
  for _, status in ipairs({ ... }) do
    checkKey('ZCARD', statusIndexKey(status))
  end
  return redis.call('HGET', exchangeKey(orderId), 'status') or 'none'
end

-- The order record, its keys and its indexes.
-- @include indexMember
local pendingKey = 'order:{' .. tag .. '}:pending'

local function orderKey(orderId)
  return 'order:{' .. tag .. '}:' .. orderId
end

local function statusIndexKey(status)
  return 'order:{' .. tag .. '}:status:' .. status
end

local function holderIndexKey(holderId)
  return 'order:{' .. tag .. '}:holder:' .. holderId
end

local function requestKey(digest)
  return 'order:{' .. tag .. '}:request:' .. digest
end

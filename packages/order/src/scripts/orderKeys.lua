-- The order record, its keys and its indexes.
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

-- Sorted sets order equal scores by text: ids of one length read like numbers.
local function indexMember(orderId)
  return string.format('%016d', orderId)
end

-- On OrderPlaced and OrderRejected: the order is settled, so its deadline never fires; not even one that is scheduled later.
--
-- Reads     deadline:{tag}:<orderId>, due, closed
-- Outcomes  OrderPlaced|SCHEDULED|CANCELLED|
--           OrderPlaced|none|CANCELLED|
--           OrderRejected|SCHEDULED|CANCELLED|
--           OrderRejected|none|CANCELLED|
-- @include deadlineKeys

local function cancelled(event)
  local status = readStatus(event.orderId)
  if status ~= 'SCHEDULED' and status ~= 'none' then
    return ignored(status)
  end
  local member = indexMember(event.orderId)
  return {
    from = status, to = 'CANCELLED',
    writes = {
      { 'HSET', deadlineKey(event.orderId), 'status', 'CANCELLED', 'deadline', event.deadline },
      { 'ZREM', dueKey, member },
      { 'ZADD', closedKey, nowText, member },
    },
  }
end

function transitions.OrderPlaced(event)
  return cancelled(event)
end

function transitions.OrderRejected(event)
  return cancelled(event)
end

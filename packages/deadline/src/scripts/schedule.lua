-- On OrderCreated: from here on the deadline fires, unless the order is settled before.
--
-- Reads     deadline:{tag}:<orderId>, due, closed
-- Outcomes  OrderCreated|none|SCHEDULED|
-- Report    the wake-up that it needs: the end of its bucket, ms until then
-- @include deadlineKeys

function transitions.OrderCreated(event)
  local status = readStatus(event.orderId)
  if status ~= 'none' then
    return ignored(status)
  end
  return {
    from = 'none', to = 'SCHEDULED',
    writes = {
      { 'HSET', deadlineKey(event.orderId), 'status', 'SCHEDULED', 'startedTime', event.timestamp,
        'deadline', event.deadline },
      { 'ZADD', dueKey, event.deadline, indexMember(event.orderId) },
    },
    report = wakeUpFor(tonumber(event.deadline)),
  }
end

-- On PointUsed: approves the order while there is time, and rejects it when the points came too late.
--
-- Reads     order:{tag}:<orderId>, pending, the indexes of PENDING and of the status that it moves to
-- Outcomes  PointUsed|PENDING|APPROVED|OrderPlaced
--           PointUsed|PENDING|REJECTED DUE TO DEADLINE|OrderRejected
--           PointUsed|REJECTED DUE TO POINT LIMIT|REJECTED DUE TO POINT LIMIT|ALREADY_SETTLED
--           PointUsed|REJECTED DUE TO DEADLINE|REJECTED DUE TO DEADLINE|ALREADY_SETTLED
--           PointUsed|REJECTED DUE TO EXCHANGE ERROR|REJECTED DUE TO EXCHANGE ERROR|ALREADY_SETTLED
--           PointUsed|none|none|UNKNOWN_ORDER
-- @include settle

function transitions.PointUsed(event)
  local order, passed = openOrder(event, 'APPROVED')
  if not order then
    return passed
  end
  return settled(order, now < tonumber(order.deadline) and 'APPROVED' or 'REJECTED DUE TO DEADLINE')
end

-- On PointUseFailed, ExchangeFailed, DeadlineReached: rejects the order, each for its own reason.
--
-- Reads     order:{tag}:<orderId>, pending, the indexes of PENDING and of the status that it moves to
-- Outcomes  PointUseFailed|PENDING|REJECTED DUE TO POINT LIMIT|OrderRejected
--           PointUseFailed|APPROVED|APPROVED|ALREADY_SETTLED
--           PointUseFailed|REJECTED DUE TO DEADLINE|REJECTED DUE TO DEADLINE|ALREADY_SETTLED
--           PointUseFailed|REJECTED DUE TO EXCHANGE ERROR|REJECTED DUE TO EXCHANGE ERROR|ALREADY_SETTLED
--           PointUseFailed|none|none|UNKNOWN_ORDER
--           ExchangeFailed|PENDING|REJECTED DUE TO EXCHANGE ERROR|OrderRejected
--           ExchangeFailed|APPROVED|APPROVED|ALREADY_SETTLED
--           ExchangeFailed|REJECTED DUE TO POINT LIMIT|REJECTED DUE TO POINT LIMIT|ALREADY_SETTLED
--           ExchangeFailed|REJECTED DUE TO DEADLINE|REJECTED DUE TO DEADLINE|ALREADY_SETTLED
--           ExchangeFailed|none|none|UNKNOWN_ORDER
--           DeadlineReached|PENDING|REJECTED DUE TO DEADLINE|OrderRejected
--           DeadlineReached|APPROVED|APPROVED|ALREADY_SETTLED
--           DeadlineReached|REJECTED DUE TO POINT LIMIT|REJECTED DUE TO POINT LIMIT|ALREADY_SETTLED
--           DeadlineReached|REJECTED DUE TO EXCHANGE ERROR|REJECTED DUE TO EXCHANGE ERROR|ALREADY_SETTLED
--           DeadlineReached|none|none|UNKNOWN_ORDER
-- @include settle

local function rejected(event, status)
  local order, passed = openOrder(event, status)
  return order and settled(order, status) or passed
end

function transitions.PointUseFailed(event)
  return rejected(event, 'REJECTED DUE TO POINT LIMIT')
end

function transitions.ExchangeFailed(event)
  return rejected(event, 'REJECTED DUE TO EXCHANGE ERROR')
end

function transitions.DeadlineReached(event)
  return rejected(event, 'REJECTED DUE TO DEADLINE')
end

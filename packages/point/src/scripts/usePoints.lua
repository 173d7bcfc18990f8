-- On ExchangeSucceed: takes the points that the order costs, or records that they can not be taken.
--
-- Reads     point:{tag}:transaction:<orderId>, account:<userId>, the indexes of USED and FAILED
-- Outcomes  ExchangeSucceed|none|USED|PointUsed
--           ExchangeSucceed|none|FAILED|PointUseFailed
--           ExchangeSucceed|none|none|EXPIRED
--           ExchangeSucceed|VOIDED|VOIDED|VOIDED
-- @include pointKeys

local function failedUse(event, reason, balance)
  return {
    from = 'none', to = 'FAILED',
    writes = {
      { 'HSET', transactionKey(event.orderId), 'status', 'FAILED', 'userId', event.userId, 'reason', reason,
        'deadline', event.deadline, 'at', nowText },
      { 'ZADD', statusIndexKey('FAILED'), nowText, indexMember(event.orderId) },
    },
    emits = { 'PointUseFailed', 'userId', event.userId, 'reason', reason, 'point', writeInteger(balance) },
  }
end

function transitions.ExchangeSucceed(event)
  -- The state comes before the balance: a redelivered debit is answered by the record that it left, never by the balance.
  local status = readStatus(event.orderId, 'USED', 'FAILED')
  if status ~= 'none' then
    return ignored(status, status == 'VOIDED' and 'VOIDED' or nil)
  end
  if now >= tonumber(event.deadline) then
    return ignored('none', 'EXPIRED')
  end
  local account, price = readAccount(event.userId), tonumber(event.point)
  if not account then
    return failedUse(event, 'ACCOUNT_NOT_FOUND', 0)
  end
  if account.point < price then
    return failedUse(event, 'INSUFFICIENT_POINTS', account.point)
  end
  return {
    from = 'none', to = 'USED',
    writes = {
      { 'HSET', transactionKey(event.orderId), 'status', 'USED', 'userId', event.userId, 'point', event.point,
        'deadline', event.deadline, 'at', nowText },
      { 'ZADD', statusIndexKey('USED'), nowText, indexMember(event.orderId) },
      movePoints(event.userId, account, price),
    },
    emits = { 'PointUsed', 'userId', event.userId, 'pointUsed', event.point, 'point', writeInteger(account.point - price) },
  }
end

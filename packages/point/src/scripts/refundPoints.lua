-- On ExchangeCompensated: gives the order's points back; points that were not taken yet can not be taken any more.
--
-- Reads     point:{tag}:transaction:<orderId>, the account that it names, the indexes of USED, REFUNDED and VOIDED
-- Outcomes  ExchangeCompensated|USED|REFUNDED|PointUseCompensated
--           ExchangeCompensated|none|VOIDED|
--           ExchangeCompensated|none|none|STALE
-- @include settings
-- @include pointKeys

-- Whose points and how many is what the transaction says, never the event. The record stays: a state is what makes a
-- second delivery harmless. The balance can not overflow: what was paid in is capped, and it is never above that.
local function refunded(event)
  local userId, point, at = unpack(redis.call('HMGET', transactionKey(event.orderId), 'userId', 'point', 'at'))
  local refund = readInteger(point)
  if not (userId and refund and readInteger(at)) then
    error('the transaction of order ' .. event.orderId .. ' is unreadable')
  end
  local account = readAccount(userId) or error('the account of ' .. userId .. ' is gone')
  if refund > account.used - account.usedArchived then
    error('the account of ' .. userId .. ' does not add up')
  end
  local member = indexMember(event.orderId)
  return {
    from = 'USED', to = 'REFUNDED',
    writes = {
      { 'HSET', transactionKey(event.orderId), 'status', 'REFUNDED' },
      { 'ZREM', statusIndexKey('USED'), member },
      { 'ZADD', statusIndexKey('REFUNDED'), at, member },
      movePoints(userId, account, -refund),
    },
    emits = { 'PointUseCompensated', 'userId', userId, 'pointRefunded', point,
      'point', writeInteger(account.point + refund) },
  }
end

function transitions.ExchangeCompensated(event)
  local status = readStatus(event.orderId, 'USED', 'REFUNDED', 'VOIDED')
  if status == 'USED' then
    return refunded(event)
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
      { 'HSET', transactionKey(event.orderId), 'status', 'VOIDED', 'userId', event.userId, 'deadline', event.deadline,
        'at', nowText },
      { 'ZADD', statusIndexKey('VOIDED'), nowText, indexMember(event.orderId) },
    },
  }
end

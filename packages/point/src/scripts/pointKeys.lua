-- The records of the point service, their keys and indexes: accounts by user, transactions by order.
-- @include indexMember
-- @include keyType

local function accountKey(userId)
  return 'point:{' .. tag .. '}:account:' .. userId
end

local function transactionKey(orderId)
  return 'point:{' .. tag .. '}:transaction:' .. orderId
end

local function statusIndexKey(status)
  return 'point:{' .. tag .. '}:status:' .. status
end

-- The transaction's status, 'none' where there is no record; fails where an index that a plan moves it between is no sorted set.
local function readStatus(orderId, ...)
  for _, status in ipairs({ ... }) do
    checkKey('ZCARD', statusIndexKey(status))
  end
  return redis.call('HGET', transactionKey(orderId), 'status') or 'none'
end

-- The user's account, nil where there is none. Fails on one that does not add up: its points are not touched any more.
local function readAccount(userId)
  local key = accountKey(userId)
  local point, deposited, used, archived = unpack(redis.call('HMGET', key, 'point', 'deposited', 'used', 'usedArchived'))
  if not point and redis.call('EXISTS', key) == 0 then
    return nil
  end
  local account = {
    point = readInteger(point), deposited = readInteger(deposited),
    used = readInteger(used), usedArchived = readInteger(archived),
  }
  if not (account.point and account.deposited and account.used and account.usedArchived) then
    error('the account of ' .. userId .. ' is unreadable')
  end
  if account.point ~= account.deposited - account.used or account.usedArchived > account.used then
    error('the account of ' .. userId .. ' does not add up')
  end
  return account
end

-- The command that moves points between the balance and what is used: absolute values, so that it can not fail.
local function movePoints(userId, account, amount)
  return { 'HSET', accountKey(userId), 'point', writeInteger(account.point - amount),
    'used', writeInteger(account.used + amount) }
end

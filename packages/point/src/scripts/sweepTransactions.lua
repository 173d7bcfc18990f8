#!lua flags=allow-oom
-- Removes the transactions of one status whose retention is over. The points of a USED one stay used: they are archived.
--
-- KEYS     index
-- ARGV     tag status retentionMs offset countMax
-- Replies  SWEPT: looked at, removed, why one could not be read ('' where all could)
-- Crash    nothing or everything.
local index = unpack(KEYS)
local tag, status, retentionMs, offset, countMax = unpack(ARGV)
local group = 'point'
-- @include clock
-- @include integer
-- @include plan
-- @include sweep
-- @include pointKeys

-- By user, what is archived once this call has written: several of its transactions may go at once.
local archived = {}

-- Fails, and leaves `archived` as it is, where the points are not part of what the account says is used.
local function archive(userId, point)
  local account = readAccount(userId) or error('the account of ' .. userId .. ' is gone')
  local total = (archived[userId] or account.usedArchived) + readInteger(point)
  if total > account.used then
    error('the account of ' .. userId .. ' does not add up')
  end
  archived[userId] = total
  return { 'HSET', accountKey(userId), 'usedArchived', writeInteger(total) }
end

local function removal(orderId, member)
  local deadline, userId, point =
    unpack(redis.call('HMGET', transactionKey(orderId), 'deadline', 'userId', 'point'))
  if not isForgotten(orderId, deadline, retentionMs) then
    return nil
  end
  local writes = { { 'DEL', transactionKey(orderId) }, { 'ZREM', statusIndexKey(status), member } }
  if status == 'USED' then
    writes[3] = archive(userId, point)
  end
  return writes
end

return sweepIndex(index, retentionMs, offset, countMax, removal)

#!lua flags=no-writes
-- What one step has done in a partition: the entries that the log has got since, and the records that it may have touched.
-- One text each, so that reading costs the client little.
--
-- KEYS     log
-- ARGV     tag after
-- More     ids of orders, a '|', ids of users, a '|', keys of indexes
-- Replies  OBSERVED: entries (id, type, order, timestamp, deadline, reason), orders (id, the four statuses, points, how much the
--          log's index has of it), accounts (user, point, deposited, used, archived), how much each index lists
-- Crash    it only reads.
local log = unpack(KEYS)
local tag, after = unpack(ARGV)
local here = '{' .. tag .. '}:'

local entries = {}
for i, entry in ipairs(redis.call('XRANGE', log, after, '+')) do
  local event = {}
  for j = 1, #entry[2], 2 do
    event[entry[2][j]] = entry[2][j + 1]
  end
  entries[i] = table.concat({ entry[1], event.eventType, event.orderId, event.timestamp, event.deadline, event.reason or '' }, '|')
end

local at, orders, accounts = 3, {}, {}
while ARGV[at] ~= '|' do
  local id = ARGV[at]
  local transaction = redis.call('HMGET', 'point:' .. here .. 'transaction:' .. id, 'status', 'point')
  orders[#orders + 1] = table.concat({
    id,
    redis.call('HGET', 'order:' .. here .. id, 'status') or 'none',
    redis.call('HGET', 'exchange:' .. here .. id, 'status') or 'none',
    transaction[1] or 'none',
    redis.call('HGET', 'deadline:' .. here .. id, 'status') or 'none',
    transaction[2] or '0',
    redis.call('LLEN', 'choreography.deadline.order:' .. here .. id),
  }, '|')
  at = at + 1
end
at = at + 1
while ARGV[at] ~= '|' do
  local account = redis.call('HMGET', 'point:' .. here .. 'account:' .. ARGV[at], 'point', 'deposited', 'used', 'usedArchived')
  accounts[#accounts + 1] = table.concat({ ARGV[at], account[1] or '', account[2] or '', account[3] or '', account[4] or '' }, '|')
  at = at + 1
end
local listed = {}
for i = at + 1, #ARGV do
  listed[#listed + 1] = redis.call('ZCARD', ARGV[i])
end
return { 'OBSERVED', table.concat(entries, '\n'), table.concat(orders, '\n'), table.concat(accounts, '\n'),
  table.concat(listed, '|') }

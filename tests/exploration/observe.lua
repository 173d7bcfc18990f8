#!lua flags=no-writes
-- Everything that one partition of a world holds, read at once, for the explorer to compare and to judge.
--
-- KEYS     log dead
-- ARGV     tag userId
-- More     the orders' ids
-- Replies  SEEN: one text of JSON, whose names are those of seen.ts; entries and records are flat lists
-- Crash    it only reads.
local log, dead = unpack(KEYS)
local tag, userId = unpack(ARGV)
local here = '{' .. tag .. '}'

local groups = {}
for _, info in ipairs(redis.call('XINFO', 'GROUPS', log)) do
  local name, position, pendingCount = info[2], nil, 0
  for i = 1, #info, 2 do
    position = info[i] == 'last-delivered-id' and info[i + 1] or position
    pendingCount = info[i] == 'pending' and info[i + 1] or pendingCount
  end
  local pending = {}
  for _, entry in ipairs(pendingCount > 0 and redis.call('XPENDING', log, name, '-', '+', 1000) or {}) do
    pending[#pending + 1] = entry[1]
  end
  groups[#groups + 1] = { name, position, pending }
end

local orders = {}
for i = 3, #ARGV do
  local id = ARGV[i]
  orders[#orders + 1] = {
    redis.call('HGETALL', 'order:' .. here .. ':' .. id),
    redis.call('HGETALL', 'exchange:' .. here .. ':' .. id),
    redis.call('HGETALL', 'point:' .. here .. ':transaction:' .. id),
    redis.call('HGETALL', 'deadline:' .. here .. ':' .. id),
    redis.call('LRANGE', 'choreography.deadline.order:' .. here .. ':' .. id, 0, -1),
  }
end

return { 'SEEN', cjson.encode({
  now = redis.call('GET', 'test:' .. here .. ':clock') or '0',
  log = redis.call('XRANGE', log, '-', '+'),
  dead = redis.call('XRANGE', dead, '-', '+'),
  groups = groups,
  orders = orders,
  accounts = { redis.call('HGETALL', 'point:' .. here .. ':account:' .. userId) },
  pending = redis.call('ZRANGE', 'order:' .. here .. ':pending', 0, -1),
  due = redis.call('ZRANGE', 'deadline:' .. here .. ':due', 0, -1),
  closed = redis.call('ZRANGE', 'deadline:' .. here .. ':closed', 0, -1, 'WITHSCORES'),
  rates = redis.call('HGETALL', 'exchange:' .. here .. ':rates'),
  memory = redis.call('HGETALL', 'test:' .. here .. ':memory'),
}) }

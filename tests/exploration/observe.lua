#!lua flags=no-writes
-- Everything that one world holds, read at once, for the explorer to compare and to judge.
--
-- KEYS     log dead
-- ARGV     tag
-- More     for each order its id, for each user its id, with their numbers in front: 2 1 2 1 jjy
-- Replies  SEEN: clock, log entries, dead letters, groups (name, position, pending ids), orders, accounts, pending, due
-- Crash    it only reads.
local log, dead = unpack(KEYS)
local tag = unpack(ARGV)

local groups = {}
if redis.call('EXISTS', log) == 1 then
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', log)) do
    local fields = {}
    for i = 1, #info, 2 do
      fields[info[i]] = info[i + 1]
    end
    local pending = {}
    for _, entry in ipairs(redis.call('XPENDING', log, fields.name, '-', '+', 1000)) do
      pending[#pending + 1] = entry[1]
    end
    groups[#groups + 1] = { fields.name, fields['last-delivered-id'], pending }
  end
end

local function hash(...)
  return redis.call('HGETALL', table.concat({ ... }, ':'))
end

local at = 2
local function listed(read)
  local found = {}
  for i = at + 1, at + ARGV[at] do
    found[#found + 1] = read(ARGV[i])
  end
  at = at + 1 + ARGV[at]
  return found
end

local here = '{' .. tag .. '}'
local orders = listed(function(id)
  return {
    hash('order', here, id), hash('exchange', here, id), hash('point', here, 'transaction', id),
    hash('deadline', here, id), redis.call('LRANGE', 'choreography.deadline.order:' .. here .. ':' .. id, 0, -1),
  }
end)
local accounts = listed(function(id)
  return hash('point', here, 'account', id)
end)

return {
  'SEEN', redis.call('GET', 'test:' .. here .. ':clock') or '0',
  redis.call('XRANGE', log, '-', '+'), redis.call('XRANGE', dead, '-', '+'),
  groups, orders, accounts,
  redis.call('ZRANGE', 'order:' .. here .. ':pending', 0, -1),
  redis.call('ZRANGE', 'deadline:' .. here .. ':due', 0, -1),
}

#!lua flags=no-writes
-- Everything that one partition of a world holds and that decides on what can happen next, read at once, for the explorer to
-- compare and to judge. Asked for after each step: lines of columns cost both sides half of what nested lists do.
--
-- KEYS     log dead
-- ARGV     tag userId
-- More     the orders' ids
-- Replies  SEEN: now, log, dead letters (id, ENTRY), groups (name, position, pending ids), orders (RECORDS one after the other),
--          the events of each order, account (ACCOUNT), what each index lists, closed deadlines and when, rates, memory
-- Crash    it only reads.
local log, dead = unpack(KEYS)
local tag, userId = unpack(ARGV)
-- @include indexes
-- @include columns
local here = '{' .. tag .. '}:'

local function lines(rows)
  for i, columns in ipairs(rows) do
    rows[i] = table.concat(columns, '|')
  end
  return table.concat(rows, '\n')
end

local function entries(key)
  local rows = redis.call('XRANGE', key, '-', '+')
  for i, entry in ipairs(rows) do
    local columns, fields = { entry[1] }, entry[2]
    for j = 2, ENTRY_COLUMNS + 1 do
      columns[j] = ''
    end
    for j = 1, #fields, 2 do
      local at = ENTRY[fields[j]]
      if at then
        columns[at + 1] = fields[j + 1]
      end
    end
    rows[i] = columns
  end
  return lines(rows)
end

local groups = redis.call('XINFO', 'GROUPS', log)
for i, info in ipairs(groups) do
  local columns, pending = { info[2] }, 0
  for j = 1, #info, 2 do
    columns[2] = info[j] == 'last-delivered-id' and info[j + 1] or columns[2]
    pending = info[j] == 'pending' and info[j + 1] or pending
  end
  for j, entry in ipairs(pending > 0 and redis.call('XPENDING', log, info[2], '-', '+', 1000) or {}) do
    columns[j + 2] = entry[1]
  end
  groups[i] = columns
end

local function read(columns, key, fields)
  for _, value in ipairs(redis.call('HMGET', key, unpack(fields))) do
    columns[#columns + 1] = value or ''
  end
end

local orders, events = {}, {}
for i = 3, #ARGV do
  local columns, id = {}, ARGV[i]
  read(columns, 'order:' .. here .. id, RECORDS.order)
  read(columns, 'exchange:' .. here .. id, RECORDS.exchange)
  read(columns, 'point:' .. here .. 'transaction:' .. id, RECORDS.transaction)
  read(columns, 'deadline:' .. here .. id, RECORDS.deadline)
  orders[i - 2] = columns
  events[i - 2] = redis.call('LRANGE', 'choreography.deadline.order:' .. here .. id, 0, -1)
end

local account = {}
read(account, 'point:' .. here .. 'account:' .. userId, ACCOUNT)

local listed = {}
for i = 1, #indexes, 2 do
  listed[#listed + 1] = redis.call('ZRANGE', indexes[i] .. tag .. indexes[i + 1], 0, -1)
end

return {
  'SEEN',
  redis.call('GET', 'test:' .. here .. 'clock') or '0',
  entries(log),
  entries(dead),
  lines(groups),
  lines(orders),
  lines(events),
  table.concat(account, '|'),
  lines(listed),
  table.concat(redis.call('ZRANGE', 'deadline:' .. here .. 'closed', 0, -1, 'WITHSCORES'), '|'),
  table.concat(redis.call('HGETALL', 'exchange:' .. here .. 'rates'), '|'),
  table.concat(redis.call('HGETALL', 'test:' .. here .. 'memory'), '|'),
}

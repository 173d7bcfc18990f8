#!lua flags=allow-oom
-- Fires the deadlines that are due by Redis' clock, whoever asks and however often: the record decides.
--
-- KEYS     due
-- ARGV     tag againMs countMax
-- Replies  REACHED: now, the fired ones (order id, ms late, outcome), those that could not be (order id, why), the wake-up
--          that the next one needs ('' where none waits)
-- Outcomes due|SCHEDULED|REACHED|DeadlineReached
-- Crash    nothing of it or all of it: it is one script.
local due = unpack(KEYS)
local tag, againMs, countMax = unpack(ARGV)
local group = 'deadline'
-- @include clock
-- @include integer
-- @include plan
-- @include messageOf
-- @include deadlineKeys

local fired, failed = {}, {}

local function fire(orderId, member, deadlineText, deadline)
  checkLogKeys(orderId)
  local late = writeInteger(now - deadline)
  local plan = {
    from = 'SCHEDULED', to = 'REACHED',
    writes = {
      { 'HSET', deadlineKey(orderId), 'status', 'REACHED', 'reachedAt', nowText },
      { 'ZREM', due, member },
      { 'ZADD', closedKey, nowText, member },
    },
    emits = { 'DeadlineReached', 'lateMs', late },
  }
  apply(plan, orderId, deadlineText, nil)
  fired[#fired + 1] = { orderId, late, outcomeOf('due', plan) }
end

local function reach(orderId, member)
  if readStatus(orderId) ~= 'SCHEDULED' then
    redis.call('ZREM', due, member)
    return
  end
  local text = redis.call('HGET', deadlineKey(orderId), 'deadline')
  local deadline = readInteger(text) or error('the deadline of order ' .. orderId .. ' is unreadable')
  if now < deadline then
    -- The record is the truth, its place in the set only says when to look.
    redis.call('ZADD', due, text, member)
  else
    fire(orderId, member, text, deadline)
  end
end

for _, member in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', nowText, 'LIMIT', 0, countMax)) do
  local orderId = string.match(member, '^0*(.*)$')
  local ok, failure = pcall(reach, orderId, member)
  if not ok then
    -- It waits a little, so that a hundred unreadable ones never stand in the way of a good one.
    redis.call('ZADD', due, writeInteger(now + againMs), member)
    failed[#failed + 1] = { orderId, messageOf(failure) }
  end
end

local head = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
return { 'REACHED', nowText, fired, failed, head[2] and wakeUpFor(tonumber(head[2])) or '' }

#!lua flags=allow-oom
-- Rejects orders whose deadline passed a while ago and whom nobody has settled: the last ring, normally without work.
--
-- KEYS     pending
-- ARGV     tag overdueMs againMs countMax
-- Replies  SWEPT: how many it looked at, the settled ones (order id, outcome), those it could not settle (order id, why)
-- Outcomes sweep|PENDING|REJECTED DUE TO DEADLINE|OrderRejected
-- Crash    nothing of it or all of it: it is one script.
local pending = unpack(KEYS)
local tag, overdueMs, againMs, countMax = unpack(ARGV)
local group = 'order'
-- @include clock
-- @include integer
-- @include plan
-- @include messageOf
-- @include settle

local swept, failed = {}, {}

local function sweep(orderId)
  local order = readOrder(orderId)
  if not order or order.status ~= 'PENDING' then
    redis.call('ZREM', pending, orderId)
  elseif now < tonumber(order.deadline) then
    -- The record is the truth, its place in the set only says when to look.
    redis.call('ZADD', pending, order.deadline, orderId)
  else
    checkLogKeys(orderId)
    local plan = settled(order, 'REJECTED DUE TO DEADLINE')
    apply(plan, orderId, order.deadline, nil)
    swept[#swept + 1] = { orderId, outcomeOf('sweep', plan) }
  end
end

local overdue = redis.call('ZRANGEBYSCORE', pending, '-inf', writeInteger(now - overdueMs), 'LIMIT', 0, countMax)
for _, orderId in ipairs(overdue) do
  local ok, failure = pcall(sweep, orderId)
  if not ok then
    -- It waits a little, so that a hundred unreadable ones never stand in the way of a good one.
    redis.call('ZADD', pending, writeInteger(now - overdueMs + againMs), orderId)
    failed[#failed + 1] = { orderId, messageOf(failure) }
  end
end
return { 'SWEPT', #overdue, swept, failed }

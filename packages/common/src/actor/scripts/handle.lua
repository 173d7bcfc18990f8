#!lua flags=allow-oom
-- Runs the transition of one handed-back entry. The entry is read here, never taken from a client's memory, and its
-- acknowledgement guards the effect: of several consumers that try, one gets through.
--
-- KEYS     log retry
-- ARGV     tag group id prepared
-- Replies  DONE: outcome, orderId, age in ms, report; PASSED; DUPLICATE; TRIMMED; REFUSED: the field; FAILED: the error
-- Crash    before: the entry is still pending; after: all of it is written.
local log, retry = unpack(KEYS)
local tag, group, id, prepared = unpack(ARGV)
-- @include clock
-- @include integer
-- @include plan
local transitions = {}
-- @include transitions
-- @include decide

local entry = redis.call('XRANGE', log, id, id)[1]
if not entry then
  return { 'TRIMMED' }
end
local ok, plan, event = pcall(decide, id, entry[2], prepared)
if not ok then
  return { 'FAILED', messageOf(plan) }
end
if plan and plan.handBack then
  return { plan.handBack, plan.detail or '' }
end
redis.call('ZSCORE', retry, id)

-- First write.
if redis.call('XACK', log, group, id) == 0 then
  return { 'DUPLICATE' }
end
redis.call('ZREM', retry, id)
if not plan then
  return { 'PASSED' }
end
apply(plan, event.orderId, event.deadline, event)
return { 'DONE', outcomeOf(event.eventType, plan), event.orderId, writeInteger(now - tonumber(event.timestamp)), plan.report or '' }

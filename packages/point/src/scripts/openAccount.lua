#!lua
-- Opens a user's account with its first points, once. Not allow-oom: at maxmemory nothing new is taken in.
--
-- KEYS     account accounts request
-- ARGV     tag userId point body requestMs
-- Replies  OPENED: balance; REPLAYED: the balance that this request was answered with; CONFLICT: the request's key came
--          with another body before; EXISTS
-- Crash    nothing of it or all of it; the request key tells a retry which.
local account, accounts, request = unpack(KEYS)
local tag, userId, point, body, requestMs = unpack(ARGV)
-- @include clock
-- @include integer
-- @include requests

local before = answeredBefore(request, body)
if before then
  return before
end
if redis.call('EXISTS', account) == 1 then
  return { 'EXISTS' }
end
redis.call('ZCARD', accounts)

-- First write.
redis.call('HSET', account, 'point', point, 'deposited', point, 'used', '0', 'usedArchived', '0', 'createdAt', writeInteger(now))
redis.call('ZADD', accounts, writeInteger(now), userId)
rememberAnswer(request, body, point, requestMs)
return { 'OPENED', point }

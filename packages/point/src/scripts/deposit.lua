#!lua
-- Pays points into an account, once for each request key. Not allow-oom: at maxmemory nothing new is taken in.
--
-- KEYS     request
-- ARGV     tag userId amount body requestMs
-- Replies  DEPOSITED: balance; REPLAYED: the balance that this request was answered with; CONFLICT: the request's key came
--          with another body before; NO_ACCOUNT; TOO_MUCH: how much more can be paid in
-- Crash    nothing of it or all of it; the request key tells a retry which.
local request = unpack(KEYS)
local tag, userId, amount, body, requestMs = unpack(ARGV)
-- @include integer
-- @include pointKeys
-- @include requests

local DEPOSITED_MAX = 9007199254740991

local before = answeredBefore(request, body)
if before then
  return before
end
local account = readAccount(userId)
if not account then
  return { 'NO_ACCOUNT' }
end
-- What was ever paid in is capped, not the balance: so a refund always fits.
local room = DEPOSITED_MAX - account.deposited
if tonumber(amount) > room then
  return { 'TOO_MUCH', writeInteger(room) }
end

-- First write.
local point = writeInteger(account.point + amount)
redis.call('HSET', accountKey(userId), 'point', point, 'deposited', writeInteger(account.deposited + amount))
rememberAnswer(request, body, point, requestMs)
return { 'DEPOSITED', point }

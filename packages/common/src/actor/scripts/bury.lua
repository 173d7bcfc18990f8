#!lua flags=allow-oom
-- Moves one pending entry to the dead letters at once: one that its schema refuses, or that was trimmed away.
--
-- KEYS     log retry
-- ARGV     tag group id reason cause
-- Replies  BURIED; DUPLICATE
-- Crash    the entry is still pending.
local log, retry = unpack(KEYS)
local tag, group, id, reason, cause = unpack(ARGV)
-- @include clock
-- @include integer
-- @include plan
-- @include pending

local pending = redis.call('XPENDING', log, group, id, id, 1)[1]
if not pending then
  return { 'DUPLICATE' }
end
local entry = redis.call('XRANGE', log, id, id)[1]
checkBuryKeys()
buryPending(id, entry and entry[2] or {}, entry and reason or 'TRIMMED', cause, pending[4])
return { 'BURIED' }

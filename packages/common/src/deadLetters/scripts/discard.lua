#!lua flags=allow-oom
-- Gives one dead letter up, and keeps in the record what it was and why it went.
--
-- KEYS     dead record
-- ARGV     id reason recordMax
-- Replies  DISCARDED; GONE: it was redriven or discarded before
-- Crash    nothing or everything.
local dead, record = unpack(KEYS)
local id, reason, recordMax = unpack(ARGV)

local letter = redis.call('XRANGE', dead, id, id)[1]
if not letter then
  return { 'GONE' }
end
redis.call('XLEN', record)

local FIELDS_MAX = 3000
local entry = { 'XADD', record, 'MAXLEN', '~', recordMax, '*', 'action', 'DISCARDED', 'letter', id, 'why', reason }
local size = #entry
for i = 1, math.min(#letter[2], FIELDS_MAX * 2) do
  entry[size + i] = letter[2][i]
end

-- First write.
redis.call(unpack(entry))
redis.call('XDEL', dead, id)
return { 'DISCARDED' }

#!lua flags=allow-oom
-- Sends one dead letter again: a copy of the event, its unknown fields included, becomes a new entry of the log. Every group
-- reads it; to those that had handled it, it is a duplicate, which their records make harmless.
--
-- KEYS     log dead record
-- ARGV     id reason recordMax
-- Replies  REDRIVEN: the new entry's id; GONE: it was redriven or discarded before; EMPTY: its entry had been trimmed away
-- Crash    nothing or everything: the letter is in one place.
local log, dead, record = unpack(KEYS)
local id, reason, recordMax = unpack(ARGV)

local letter = redis.call('XRANGE', dead, id, id)[1]
if not letter then
  return { 'GONE' }
end
redis.call('XLEN', log)
redis.call('XLEN', record)

local entry, originalId = { 'XADD', log, '*' }, ''
for i = 1, #letter[2], 2 do
  local name, value = letter[2][i], letter[2][i + 1]
  if name == 'dead.id' then
    originalId = value
  end
  if string.sub(name, 1, 5) ~= 'dead.' then
    entry[#entry + 1] = name
    entry[#entry + 1] = value
  end
end
if #entry == 3 then
  return { 'EMPTY' }
end

-- First write.
local newId = redis.call(unpack(entry))
redis.call('XADD', record, 'MAXLEN', '~', recordMax, '*', 'action', 'REDRIVEN', 'letter', id, 'original', originalId,
  'entry', newId, 'why', reason)
redis.call('XDEL', dead, id)
return { 'REDRIVEN', newId }

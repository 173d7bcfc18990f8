#!lua flags=allow-oom
-- Trims the log at the oldest of: what is kept by time, what a group has not passed, what is still pending in a group. An
-- entry that somebody may still need is never trimmed, however old it is.
--
-- KEYS     log
-- ARGV     tag retentionMs countMax
-- More     the groups that must have passed an entry
-- Replies  TRIMMED: entries removed; WAITING: the group that does not exist yet
-- Crash    nothing or everything: it is one command.
local log = unpack(KEYS)
local tag, retentionMs, countMax = unpack(ARGV)
-- @include clock
-- @include integer

local function parts(id)
  local ms, sequence = string.match(id, '^(%d+)-(%d+)$')
  return { tonumber(ms), tonumber(sequence) }
end

local function older(a, b)
  return (a[1] < b[1] or a[1] == b[1] and a[2] < b[2]) and a or b
end

if redis.call('EXISTS', log) == 0 then
  return { 'TRIMMED', 0 }
end
local positions = {}
for _, info in ipairs(redis.call('XINFO', 'GROUPS', log)) do
  for i = 1, #info, 2 do
    positions[info[2]] = info[i] == 'last-delivered-id' and info[i + 1] or positions[info[2]]
  end
end

local bound = { math.max(0, now - retentionMs), 0 }
for i = 4, #ARGV do
  local position = positions[ARGV[i]]
  if not position then
    return { 'WAITING', ARGV[i] }
  end
  local passed = parts(position)
  bound = older(bound, { passed[1], passed[2] + 1 })
  local oldestPending = redis.call('XPENDING', log, ARGV[i])[2]
  if oldestPending then
    bound = older(bound, parts(oldestPending))
  end
end

-- Whole nodes of the stream cost little; what is left of the last one is at most a node's worth of entries.
local minId = writeInteger(bound[1]) .. '-' .. writeInteger(bound[2])
local removed = redis.call('XTRIM', log, 'MINID', '~', minId, 'LIMIT', countMax)
if removed == 0 then
  removed = redis.call('XTRIM', log, 'MINID', '=', minId)
end
return { 'TRIMMED', removed }

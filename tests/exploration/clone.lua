#!lua
-- Makes copies of a world, key by key, streams with their groups and pending entries included.
--
-- KEYS     -
-- ARGV     from
-- More     the tags of the copies
-- Replies  CLONED: how many keys each has
-- Crash    the copies are incomplete, and nobody knows them yet.
local from = unpack(ARGV)
-- @include worldKeys

local existing = {}
for i = 1, #worldKeys, 2 do
  local key = worldKeys[i] .. from .. worldKeys[i + 1]
  if redis.call('EXISTS', key) == 1 then
    existing[#existing + 1] = { key, worldKeys[i], worldKeys[i + 1] }
  end
end
for i = 2, #ARGV do
  for _, key in ipairs(existing) do
    redis.call('COPY', key[1], key[2] .. ARGV[i] .. key[3])
  end
end
return { 'CLONED', #existing }

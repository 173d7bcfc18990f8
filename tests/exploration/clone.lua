#!lua
-- Makes one world a copy of another, key by key, streams with their groups and pending entries included.
--
-- KEYS     -
-- ARGV     from to
-- Replies  CLONED: keys copied
-- Crash    the copy is incomplete, and nobody knows it yet.
local from, to = unpack(ARGV)
-- @include worldKeys

local copied = 0
for _, key in ipairs(worldKeys) do
  copied = copied + redis.call('COPY', (string.gsub(key, '%?', from)), (string.gsub(key, '%?', to)))
end
return { 'CLONED', copied }

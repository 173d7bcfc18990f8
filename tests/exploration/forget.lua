#!lua
-- Removes worlds that are not needed any more.
--
-- KEYS     -
-- ARGV     -
-- More     their tags
-- Replies  FORGOTTEN
-- Crash    some are left.
-- @include worldKeys

for _, tag in ipairs(ARGV) do
  local keys = {}
  for i, key in ipairs(worldKeys) do
    keys[i] = string.gsub(key, '%?', tag)
  end
  redis.call('UNLINK', unpack(keys))
end
return { 'FORGOTTEN' }

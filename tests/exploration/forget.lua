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
  for i = 1, #worldKeys, 2 do
    keys[#keys + 1] = worldKeys[i] .. tag .. worldKeys[i + 1]
  end
  redis.call('DEL', unpack(keys))
end
return { 'FORGOTTEN' }

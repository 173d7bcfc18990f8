-- The time of this call in ms since 1970, by the Redis server's clock and no other: read once, so that every guard and
-- every event of one call sees the same moment. Tests put a virtual clock in the place of this file.
local function currentTime()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local now = currentTime()

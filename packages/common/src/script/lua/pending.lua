-- The way out of a group's pending list into the dead letters: both in one step, so that an entry is never in neither.

-- Fails, before anything is written, where a key that `buryPending` writes to is of another type.
local function checkBuryKeys()
  redis.call('XLEN', deadKey)
  redis.call('ZCARD', retry)
end

local function buryPending(id, fields, reason, cause, attempts)
  bury(id, fields, reason, cause, attempts)
  redis.call('XACK', log, group, id)
  redis.call('ZREM', retry, id)
end

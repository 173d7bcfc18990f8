-- What went wrong: errors of redis.call are tables, those of Lua texts.
local function messageOf(failure)
  return type(failure) == 'table' and failure.err or tostring(failure)
end

-- Fails where a key is of another type than `command` is for. A key is looked at once a call: nobody else can change it
-- meanwhile, and in a batch the same indexes come up with every entry.
local checkedKeys = {}
local function checkKey(command, key)
  if not checkedKeys[key] then
    redis.call(command, key)
    checkedKeys[key] = true
  end
end

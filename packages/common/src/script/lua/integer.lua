-- Whole numbers as text. `tonumber` also takes 0x10, inf, nan, 1e3 and spaces, and `..` writes 1e+15; these two do not.

-- The number that a text of plain digits stands for, or nil: no sign, no leading zero, at most 2^53 - 1.
local function readInteger(text)
  if not text or #text > 16 or not (text == '0' or string.find(text, '^[1-9]%d*$')) then
    return nil
  end
  local value = tonumber(text)
  if value > 9007199254740991 then
    return nil
  end
  return value
end

local function writeInteger(value)
  return string.format('%.0f', value)
end

-- A stored number: its absence is `otherwise`, and anything that is not a number stops the script before its first write.
local function storedInteger(text, otherwise, what)
  if not text then
    return otherwise
  end
  return readInteger(text) or error(what .. ' is no whole number: ' .. text)
end

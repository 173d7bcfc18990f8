-- What a stream entry may hold, checked before any transition sees it. `REFUSALS` has a function for each event that names
-- the first field it refuses; it is generated from the declaration that zod uses (events/catalog.ts), so that both refuse
-- the same entries.
local function isInteger(text, min, max)
  local value = readInteger(text)
  return value and value >= min and value <= max
end

local function isText(text, max)
  return text and #text >= 1 and #text <= max
end

-- @include declaredFields

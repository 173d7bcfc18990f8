-- What a stream entry may hold, checked before any transition sees it. The declaration, `DECLARED_FIELDS`, is generated
-- from the one that zod uses (events/catalog.ts), so that both refuse the same entries.
-- @include declaredFields
local checks = {
  integer = function(value, field)
    local number = readInteger(value)
    return number and number >= field[2] and number <= field[3]
  end,
  text = function(value, field)
    return #value >= 1 and #value <= field[2]
  end,
  word = function(value, field)
    return field[2][value]
  end,
}

-- The first field of the event that its declaration refuses, or nil.
local function refusedField(event)
  local declared = DECLARED_FIELDS.events[event.eventType]
  for name, field in pairs(declared) do
    local value = event[name]
    if not value or not checks[field[1]](value, field) then
      return name
    end
  end
  for name, field in pairs(DECLARED_FIELDS.optional) do
    local value = event[name]
    if value and not checks[field[1]](value, field) then
      return name
    end
  end
  return nil
end

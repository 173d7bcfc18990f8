-- From a stream entry to a plan: the part that both ways into a transition share. It writes nothing and may fail.
-- @include fields
-- @include messageOf

-- What becomes of an event whose fields are refused. One of a version that this release does not know is tried again and not
-- given up at once: in a rolling upgrade another instance of the group knows it.
local function refusal(event, field)
  local version = readInteger(event.version)
  if not version or version <= EVENT_VERSION then
    return { handBack = 'REFUSED', detail = field }
  end
  local what = 'version ' .. event.version .. ' of ' .. event.eventType
  return { handBack = 'FAILED', detail = what .. ' is newer than this service knows: upgrade it' }
end

-- The plan and the event that it is for; no plan where the actor has no transition for such an event.
-- `prepared` is what the service made ready outside Redis, nil in a drain.
local function decide(id, fields, prepared)
  -- Our own entries begin with their type: most pass an actor by, and are not worth reading any further.
  if fields[1] == 'eventType' and not transitions[fields[2]] then
    return nil
  end
  local event = {}
  for i = 1, #fields, 2 do
    event[fields[i]] = fields[i + 1]
  end
  if not event.eventType then
    return { handBack = 'REFUSED', detail = 'eventType' }, event
  end
  local transition = transitions[event.eventType]
  if not transition then
    return nil
  end
  local refused = REFUSALS[event.eventType](event)
  if refused then
    return refusal(event, refused), event
  end
  event.id, event.fields = id, fields
  checkLogKeys(event.orderId)
  return transition(event, prepared), event
end

-- A transition reads and returns a plan; `apply` writes it. Redis does not roll a failed script back, so everything that
-- can fail happens before the first write: a plan holds only commands whose keys the transition has read by their type.
--
-- A plan: from, to    the entity's state before and after
--         writes      commands as lists, in the order of writing
--         emits       { eventType, field, value, ... } and the deadline to carry
--         note        why an event was ignored, where that is not for being a duplicate
--         dead        why it is a dead letter
--         report      a value handed to the service once written (a wake-up to ask for)

-- @include keyType

-- The time of this call as it is written into records and events: made once, for turning a number into text costs as much
-- as a whole read.
local nowText = writeInteger(now)

local logKey = 'choreography.deadline:{' .. tag .. '}'
local deadKey = 'choreography.deadline.dead:{' .. tag .. '}'
local INDEX_CAP = 200

local function indexKey(orderId)
  return 'choreography.deadline.order:{' .. tag .. '}:' .. orderId
end

-- Nothing changes and nothing is left behind, but for the note where `why` says that this was no mere duplicate.
local function ignored(state, why)
  return { from = state, to = state, note = why }
end

-- Fails, before anything is written, where a key that `apply` itself writes to is of another type.
local function checkLogKeys(orderId)
  checkKey('XLEN', logKey)
  checkKey('XLEN', deadKey)
  redis.call('LLEN', indexKey(orderId))
end

-- Only the first event of an order makes the index: one that arrives after the order was swept away must not bring it back.
local function addToIndex(orderId, item, isFirst)
  local key = indexKey(orderId)
  local length = redis.call(isFirst and 'RPUSH' or 'RPUSHX', key, item)
  if length > INDEX_CAP then
    redis.call('LTRIM', key, -INDEX_CAP, -1)
  end
end

local function emit(orderId, deadline, emits, cause)
  if cause and cause.traceparent then
    emits[#emits + 1], emits[#emits + 2] = 'traceparent', cause.traceparent
  end
  -- Arguments, not a table that grows: an order emits four times, and each growth would be as dear as the XADD.
  local id
  if cause then
    id = redis.call('XADD', logKey, '*', 'eventType', emits[1], 'version', '1', 'orderId', orderId, 'timestamp', nowText,
      'deadline', deadline, 'causationId', cause.id, unpack(emits, 2))
  else
    id = redis.call('XADD', logKey, '*', 'eventType', emits[1], 'version', '1', 'orderId', orderId, 'timestamp', nowText,
      'deadline', deadline, unpack(emits, 2))
  end
  addToIndex(orderId, id, not cause and emits[1] == 'OrderCreated')
  return id
end

-- Copies every field of the entry, the unknown ones too, and adds why it is here; nobody else says that, so what claims to
-- is left out. Lua's stack holds 8,000 values: of a monster of an entry the first 3,500 fields are kept, so that burying
-- it can not fail.
local BURIED_VALUES_MAX = 7000
local function bury(id, fields, reason, cause, attempts)
  local entry = { 'XADD', deadKey, '*', 'dead.reason', reason, 'dead.cause', cause, 'dead.group', group,
    'dead.id', id, 'dead.attempts', attempts, 'dead.at', nowText }
  local size = #entry
  for i = 1, math.min(#fields, BURIED_VALUES_MAX), 2 do
    if string.sub(fields[i], 1, 5) ~= 'dead.' then
      entry[size + 1], entry[size + 2], size = fields[i], fields[i + 1], size + 2
    end
  end
  return redis.call(unpack(entry))
end

-- The whole effect of one trigger. `cause` is the event, or nil where a request or a sweep is the trigger.
local function apply(plan, orderId, deadline, cause)
  for _, write in ipairs(plan.writes or {}) do
    redis.call(unpack(write))
  end
  if plan.emits then
    plan.eventId = emit(orderId, deadline, plan.emits, cause)
  elseif plan.note then
    local late = writeInteger(math.max(0, now - tonumber(deadline)))
    addToIndex(orderId, table.concat({ 'ignored', group, cause.id, plan.note, late, nowText }, ' '))
  elseif plan.dead then
    bury(cause.id, cause.fields, plan.dead, plan.dead, '0')
  end
end

-- The name of what was done, as transitions/table.ts writes it.
local function outcomeOf(trigger, plan)
  return trigger .. '|' .. plan.from .. '|' .. plan.to .. '|' .. (plan.emits and plan.emits[1] or plan.note or plan.dead or '')
end

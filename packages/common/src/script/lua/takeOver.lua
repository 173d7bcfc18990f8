-- Gives a pending entry to this consumer. XCLAIM drops one that was trimmed away in silence: that is a dead letter instead.
-- @include pending

local function takeOver(id)
  if redis.call('XRANGE', log, id, id)[1] then
    redis.call('XCLAIM', log, group, consumer, 0, id, 'JUSTID')
    return true
  end
  buryPending(id, {}, 'TRIMMED', 'the entry was trimmed while it was pending', 0)
  return false
end

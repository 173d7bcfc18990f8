-- Removes settled records whose retention is over, oldest first. An order's index in the log is the sign that the order
-- service still keeps the order: it goes with the order's own record, which goes last of all that could still matter, so
-- that no other service can forget its part of an order that is still open, or whose events somebody has not handled.

-- Walks up to `countMax` members of an index from `offset` on. `removal` gives the commands that remove a record, or nil
-- where it has to stay; they must not be able to fail. A record that can not be read stays, and in nobody's way.
local function sweepIndex(index, retentionMs, offset, countMax, removal)
  local members = redis.call('ZRANGEBYSCORE', index, '-inf', writeInteger(now - retentionMs), 'LIMIT', offset, countMax)
  local plans, failure = {}, ''
  for _, member in ipairs(members) do
    local ok, writes = pcall(removal, string.match(member, '^0*(.*)$'), member)
    if ok then
      plans[#plans + 1] = writes
    else
      failure = type(writes) == 'table' and writes.err or tostring(writes)
    end
  end
  for _, writes in ipairs(plans) do
    for _, write in ipairs(writes) do
      redis.call(unpack(write))
    end
  end
  return { 'SWEPT', #members, #plans, failure }
end

-- Whether a record's time is over and the order that it belongs to is gone.
local function isForgotten(orderId, deadline, retentionMs)
  local due = storedInteger(deadline, nil, 'the deadline of order ' .. orderId)
  return due ~= nil and due + retentionMs <= now and redis.call('EXISTS', indexKey(orderId)) == 0
end

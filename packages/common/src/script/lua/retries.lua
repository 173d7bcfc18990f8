-- When handed-back entries are tried again, by the sorted set of their times. One that lies further ahead than any backoff
-- was put there before the clock went back: it is due now, not once the clock has come there again.
local function aheadMax()
  return now + tonumber(backoffMsMax)
end

local function dueRetries(countMax)
  local due = redis.call('ZRANGEBYSCORE', retry, '-inf', writeInteger(now), 'LIMIT', 0, countMax)
  local beyond = redis.call('ZRANGEBYSCORE', retry, '(' .. writeInteger(aheadMax()), '+inf', 'LIMIT', 0, countMax - #due)
  for _, id in ipairs(beyond) do
    due[#due + 1] = id
  end
  return due
end

-- How many ms ahead the next one is, '' where none waits.
local function msUntilRetry()
  local at = tonumber(redis.call('ZRANGE', retry, 0, 0, 'WITHSCORES')[2] or '')
  if not at then
    return ''
  end
  return at > aheadMax() and '0' or writeInteger(math.max(0, at - now))
end

-- What a request has done before: its key holds the digest of its body and the balance that it was answered with.

-- The answer to a request that was run before, nil for a new one.
local function answeredBefore(request, body)
  local known = redis.call('GET', request)
  if not known then
    return nil
  end
  local knownBody, point = string.match(known, '^(%x+) (%d+)$')
  if not knownBody then
    error('the request key is unreadable: ' .. known)
  end
  return knownBody == body and { 'REPLAYED', point } or { 'CONFLICT' }
end

local function rememberAnswer(request, body, point, requestMs)
  redis.call('SET', request, body .. ' ' .. point, 'PX', requestMs)
end

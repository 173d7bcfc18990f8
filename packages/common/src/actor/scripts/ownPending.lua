#!lua flags=no-writes
-- Lists what is pending with this consumer and not waiting for a retry: its work after a lost connection, or after more was
-- handed back at once than it could hold.
--
-- KEYS     log retry
-- ARGV     group consumer after countMax
-- Replies  PENDING: ids, the id to go on after ('' at the end)
-- Crash    it only reads.
local log, retry = unpack(KEYS)
local group, consumer, after, countMax = unpack(ARGV)

local pending = redis.call('XPENDING', log, group, after, '+', countMax, consumer)
local ids = {}
for _, entry in ipairs(pending) do
  if not redis.call('ZSCORE', retry, entry[1]) then
    ids[#ids + 1] = entry[1]
  end
end
local last = #pending == tonumber(countMax) and '(' .. pending[#pending][1] or ''
return { 'PENDING', ids, last }

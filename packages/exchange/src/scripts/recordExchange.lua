-- On OrderCreated: records what the order costs, or that it can not be priced.
--
-- Reads     exchange:{tag}:<orderId>, rates, the indexes of EXCHANGED and FAILED
-- Outcomes  OrderCreated|none|EXCHANGED|ExchangeSucceed
--           OrderCreated|none|FAILED|ExchangeFailed
--           OrderCreated|none|none|EXPIRED
--           OrderCreated|VOIDED|VOIDED|VOIDED
-- @include exchangeKeys
-- @include price

-- Delays that the demonstration asks for by currency: such an order needs its work outside Redis first (delays.ts).
local DELAYED = { ['100'] = true, ['200'] = true }

-- In millionths, and whether the currency is suspended; a currency without a rate is 1.0.
local function readRate(currencyId)
  local stored = redis.call('HGET', 'exchange:{' .. tag .. '}:rates', currencyId)
  if not stored then
    return 1000000, false
  end
  local millionths, suspended = string.match(stored, '^(%d+):([01])$')
  return readInteger(millionths) or error('the rate of ' .. currencyId .. ' is unreadable: ' .. stored), suspended == '1'
end

local function failedExchange(event, reason)
  return {
    from = 'none', to = 'FAILED',
    writes = {
      { 'HSET', exchangeKey(event.orderId), 'status', 'FAILED', 'userId', event.holderId, 'currencyId', event.currencyId,
        'amount', event.amount, 'reason', reason, 'deadline', event.deadline, 'at', nowText },
      { 'ZADD', statusIndexKey('FAILED'), nowText, indexMember(event.orderId) },
    },
    emits = { 'ExchangeFailed', 'userId', event.holderId, 'reason', reason },
  }
end

function transitions.OrderCreated(event, prepared)
  local status = readStatus(event.orderId, 'EXCHANGED', 'FAILED')
  if status ~= 'none' then
    return ignored(status, status == 'VOIDED' and 'VOIDED' or nil)
  end
  if DELAYED[event.currencyId] and not prepared then
    return { handBack = 'WORK' }
  end
  if now >= tonumber(event.deadline) then
    return ignored('none', 'EXPIRED')
  end
  local rate, suspended = readRate(event.currencyId)
  if suspended then
    return failedExchange(event, 'SUSPENDED')
  end
  local point = priceOf(tonumber(event.amount), rate)
  if not point then
    return failedExchange(event, 'INVALID_PRICE')
  end
  local rateText, pointText = writeInteger(rate), writeInteger(point)
  return {
    from = 'none', to = 'EXCHANGED',
    writes = {
      { 'HSET', exchangeKey(event.orderId), 'status', 'EXCHANGED', 'userId', event.holderId, 'currencyId', event.currencyId,
        'amount', event.amount, 'rate', rateText, 'point', pointText, 'deadline', event.deadline, 'at', nowText },
      { 'ZADD', statusIndexKey('EXCHANGED'), nowText, indexMember(event.orderId) },
    },
    emits = { 'ExchangeSucceed', 'userId', event.holderId, 'currencyId', event.currencyId, 'amount', event.amount,
      'rate', rateText, 'point', pointText },
  }
end

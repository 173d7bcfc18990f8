-- What an amount costs: amount x rate in millionths, rounded half up to whole points; nil where that is 0 or above 2^53 - 1.
-- Doubles round 1.15 x 50 wrongly, and amount x rate leaves the whole numbers that they hold: the amount is split at a
-- million, so that every product that is kept stays below 2^53 and is exact.
local function priceOf(amount, rate)
  local millions = math.floor(amount / 1000000)
  local remainder = amount - millions * 1000000
  local point = millions * rate + math.floor((remainder * rate + 500000) / 1000000)
  if point < 1 or point > 9007199254740991 then
    return nil
  end
  return point
end

-- An order in an index by time: sorted sets order equal scores by text, and ids of one length read like numbers.
local function indexMember(orderId)
  return string.sub('0000000000000000' .. orderId, -16)
end

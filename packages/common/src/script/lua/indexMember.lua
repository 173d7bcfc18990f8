-- An order in an index by time: sorted sets order equal scores by text, and ids of one length read like numbers.
local function indexMember(orderId)
  return string.format('%016d', orderId)
end

-- The tokens of the pace (newsletter_app/pace/port.py): every bucket of a request is served in one call.
--
-- A rate is in thousandths of a message a second and time in microseconds, so tokens are whole numbers of
-- billionths of a message and nothing is rounded. All of them stay below 2^53, which Lua's doubles hold.
-- KEYS: the shared buckets, the quotas, the domains' buckets, each in the order of the request.

local REQUEST = cjson.decode(ARGV[1])
local MESSAGE = 1e9
local LINGER_MS = 60 * 1000
local COUNTED_FOR_S = 600
local PORTIONS_A_SECOND = 20

local time = redis.call('TIME')
local NOW = time[1] * 1e6 + time[2]

local function open(key, rate)
  local kept = redis.call('HMGET', key, 'held', 'at')
  local bucket = { key = key, rate = rate, most = math.max(rate * 1e6, MESSAGE) }
  -- A clock that was set back gives nothing, and takes nothing away.
  local since = math.max(0, NOW - (kept[2] or NOW))
  bucket.held = math.min(bucket.most, (kept[1] or 0) + since * rate)
  bucket.portion = math.max(1, math.floor(rate / 1000 / PORTIONS_A_SECOND))
  return bucket
end

local function close(bucket, change)
  local held = bucket.held + change * MESSAGE
  redis.call('HSET', bucket.key, 'held', string.format('%.0f', held), 'at', string.format('%.0f', NOW))
  redis.call('PEXPIRE', bucket.key, math.ceil(bucket.most / bucket.rate / 1000) + LINGER_MS)
end

local function messages(bucket)
  return math.floor(bucket.held / MESSAGE)
end

local function microseconds_until(bucket, count)
  return math.max(0, math.ceil((count * MESSAGE - bucket.held) / bucket.rate))
end

-- What the day has used: what stands here, or what the ledger says where nothing does; -1 is not known.
local function day_so_far(key, handed_over)
  local kept = redis.call('GET', key)
  if kept then
    return tonumber(kept)
  end
  if handed_over >= 0 then
    redis.call('SET', key, handed_over, 'EX', COUNTED_FOR_S)
  end
  return handed_over
end

local function take()
  local place = 0
  local function next_key()
    place = place + 1
    return KEYS[place]
  end

  local shared, quotas, domains, uncounted, spent = {}, {}, {}, {}, 0
  local total, portion = REQUEST.wanted, REQUEST.wanted
  for index, rate in ipairs(REQUEST.shared) do
    shared[index] = open(next_key(), rate)
    total = math.min(total, messages(shared[index]))
    portion = math.min(portion, shared[index].portion)
  end
  for index, quota in ipairs(REQUEST.quotas) do
    quotas[index] = next_key()
    local so_far = day_so_far(quotas[index], quota.handed_over)
    if so_far < 0 then
      uncounted[#uncounted + 1] = index
    elseif so_far >= quota.cap then
      spent = 1
    else
      total = math.min(total, quota.cap - so_far)
      portion = math.min(portion, quota.cap - so_far)
    end
  end

  local limited, domains_wait = 0, nil
  for index, rate in ipairs(REQUEST.domains) do
    local bucket = open(next_key(), rate)
    local least = math.min(bucket.portion, REQUEST.wanted)
    bucket.taken = math.min(REQUEST.wanted, messages(bucket))
    if bucket.taken < least then
      bucket.taken = 0
      domains_wait = math.min(domains_wait or math.huge, microseconds_until(bucket, least))
    end
    limited = limited + bucket.taken
    domains[index] = bucket
  end
  if not REQUEST.others then
    total, portion = math.min(total, limited), math.min(portion, math.max(1, limited))
  end

  if spent == 1 or #uncounted > 0 or total < portion then
    total = 0
  end
  local wait = 0
  for _, bucket in ipairs(shared) do
    wait = math.max(wait, microseconds_until(bucket, portion))
    close(bucket, -total)
  end
  if not REQUEST.others and limited == 0 then
    wait = math.max(wait, domains_wait or 0)
  end
  for _, key in ipairs(quotas) do
    if total > 0 then
      redis.call('INCRBY', key, total)
    end
  end
  local by_domain = {}
  for index, bucket in ipairs(domains) do
    by_domain[index] = math.min(total, bucket.taken)
    close(bucket, -by_domain[index])
  end
  return { total, wait, spent, uncounted, by_domain }
end

local function give_back()
  local place = 0
  for _, rate in ipairs(REQUEST.shared) do
    place = place + 1
    close(open(KEYS[place], rate), REQUEST.unused)
  end
  for _ in ipairs(REQUEST.quotas) do
    place = place + 1
    -- One that has gone is counted from the ledger again.
    if redis.call('EXISTS', KEYS[place]) == 1 then
      redis.call('DECRBY', KEYS[place], REQUEST.unused)
    end
  end
  for index, rate in ipairs(REQUEST.domains) do
    place = place + 1
    close(open(KEYS[place], rate), REQUEST.unused_of[index])
  end
  return {}
end

return REQUEST.verb == 'take' and take() or give_back()

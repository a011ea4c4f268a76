-- Counts one event under each key in turn, up to the first that is full (newsletter_app/adapters/redis_counts.py).
--
-- KEYS: what is counted under. ARGV: for each key the most it takes and the seconds its window lasts.
-- Returns 1 when the event was counted under all of them, 0 when one was full: those after it stay as they were.

for place, key in ipairs(KEYS) do
  local count = redis.call('INCR', key)
  if count == 1 then
    redis.call('EXPIRE', key, ARGV[2 * place])
  end
  if count > tonumber(ARGV[2 * place - 1]) then
    return 0
  end
end
return 1

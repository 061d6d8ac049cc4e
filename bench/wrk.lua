-- Loaded into wrk by bench/load.py: pipelines requests and prints exact figures.
--
-- The first argument is the number of requests that a connection sends at once.
-- Requests are joined in wrk.format, which wrk calls once at its start: a
-- `request` function would be called for every batch and slow the load down.

function init(args)
   local depth = tonumber(args[1])
   local request = wrk.format()
   wrk.format = function() return request:rep(depth) end
end

-- One line of JSON: wrk's own text rounds durations and latencies.
function done(summary, latency, _)
   local errors = summary.errors
   print(string.format(
      'figures {"requests": %d, "duration_us": %d, "p50_us": %.3f, "p99_us": %.3f, '
         .. '"errors": {"connect": %d, "read": %d, "write": %d, "timeout": %d, "status": %d}}',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end

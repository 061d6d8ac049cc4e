-- Loaded into wrk by bench/load.py: pipelines requests and prints exact figures.
--
-- The first argument is the number of requests that a connection sends at once; the media
-- type and the text of what is posted may follow, and then what is sent in place of requests
-- to a server that gives back all that it receives: answers, as wrk reads nothing else.
-- Requests are joined in wrk.format, which wrk calls once at its start: a
-- `request` function would be called for every batch and slow the load down.

function init(args)
   local depth, media_type, body = tonumber(args[1]), args[2], args[3]
   if body then
      wrk.method, wrk.body = "POST", body
      wrk.headers["Content-Type"] = media_type
   end
   local request = wrk.format()
   wrk.format = function() return request:rep(depth) end
end

-- Before its start wrk counts the requests in what the first thread would send, and refuses
-- what is none.
local threads = 0

function setup(thread)
   thread:set("counted", threads == 0)
   threads = threads + 1
end

local init_wrk = wrk.init

function wrk.init(args)
   init_wrk(args)
   local request, answer = wrk.request, args[4]
   if answer then
      wrk.request = function()
         if counted then
            counted = false
            return request()
         end
         return answer
      end
   end
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

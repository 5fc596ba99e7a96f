-- What wrk asks for: small files in turn, each request with an id of its own, as SDKs do it.
-- The arguments: the folder's path, and how many files there are.
local folder, files, count

function init(arguments)
  folder, files, count = arguments[1], tonumber(arguments[2]), 0
end

function request()
  count = count + 1
  wrk.headers["x-ms-client-request-id"] = string.format("%08x-0000-4000-8000-000000000000", count)
  return wrk.format("GET", string.format("%s/small-%d.json", folder, count % files))
end

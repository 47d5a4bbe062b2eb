#include "server/gate.h"

#include <algorithm>
#include <string>

#include "server/replies.h"

namespace headrace::server {
namespace {

// `localhost:8765` without its port.
std::string name_of(const std::string& host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool equal_in_time(const std::string& a, const std::string& b) {
  unsigned char different = a.size() != b.size();
  for (size_t i = 0; i < a.size(); ++i) different |= a[i] ^ b[b.empty() ? 0 : i % b.size()];
  return different == 0;
}

std::string in_query(const std::string& query, const std::string& key) {
  for (size_t at = 0; at < query.size();) {
    const size_t next = std::min(query.find('&', at), query.size());
    const std::string part = query.substr(at, next - at);
    if (part.starts_with(key + "=")) return part.substr(key.size() + 1);
    at = next + 1;
  }
  return "";
}

bool is_our_name(const std::string& host, const ServeOptions& options) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]" ||
         (host == options.host && options.host != "0.0.0.0");
}

}  // namespace

std::optional<Reply> refusal(const Request& request, const ServeOptions& options) {
  const bool open = !options.token.empty() && options.host == "0.0.0.0";
  if (!is_our_name(name_of(request.host), options) && !open)
    return problem(421, "this server answers for localhost only");
  const bool for_data = request.path.starts_with("/api/");
  const bool from_elsewhere = !request.origin.empty() && request.origin != "http://" + request.host;
  if (from_elsewhere || (request.site == "cross-site" && for_data))
    return problem(403, "requests from other sites are refused");
  if (!options.token.empty() && for_data) {
    const std::string bearer = request.authorization.starts_with("Bearer ")
                                   ? request.authorization.substr(7)
                                   : in_query(request.query, "token");
    if (!equal_in_time(bearer, options.token))
      return problem(401, "a token is needed; open the address that headrace serve printed");
  }
  return std::nullopt;
}

}  // namespace headrace::server

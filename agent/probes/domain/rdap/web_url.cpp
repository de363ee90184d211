#include "agent/probes/domain/rdap/web_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <optional>

#include "agent/probes/domain/rdap/rdap_json.h"
#include "common/text.h"

namespace muster::domains::rdap {
namespace {

namespace urls = boost::urls;

constexpr size_t kLongestUrl = 1024;

std::string text_of(boost::core::string_view text) {
  return {text.data(), text.size()};
}

absl::Status refused(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("'{}' {}", printable(text, 200), why));
}

// Not Boost's port_number(), which takes 99999 for 34463.
std::optional<uint16_t> port_of(const std::string& digits) {
  uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || rest != end || port == 0) return std::nullopt;
  return port;
}

// Boost 1.81 asserts on "https:" before what begins no path, instead of refusing it. So it is given
// only the characters of RFC 3986, and after a scheme only what http's has there.
bool may_be_web_url(std::string_view text) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' &&
           std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
  if (!is_plain) return false;
  const size_t mark = text.find_first_of(":/?#");
  return mark == std::string_view::npos || text[mark] != ':' ||
         text.substr(mark + 1).starts_with("//");
}

absl::StatusOr<WebUrl> web_url_of(const urls::url_view& parsed, std::string_view written) {
  const std::string scheme = lower(text_of(parsed.scheme()));
  if (scheme != "https" && scheme != "http") return refused(written, "is no http or https URL");
  if (parsed.has_userinfo()) return refused("a URL", "has a user in it");
  if (parsed.encoded_host().empty()) return refused(written, "names no host");
  WebUrl url;
  url.tls = scheme == "https";
  url.port = url.tls ? 443 : 80;
  if (parsed.has_port() && !parsed.port().empty()) {
    const auto port = port_of(text_of(parsed.port()));
    if (!port) return refused(written, "has a port that is not one from 1 to 65535");
    url.port = *port;
  }
  url.host = parsed.host_type() == urls::host_type::ipv6
                 ? text_of(parsed.host_ipv6_address().to_string())
                 : lower(text_of(parsed.encoded_host()));
  // Percent signs in a host, RFC 3986 allows them, hide what it is.
  if (url.host.find('%') != std::string::npos) return refused(written, "has a host with '%' in it");
  while (url.host.ends_with('.'))
    url.host.pop_back();
  if (url.host.empty()) return refused(written, "names no host");
  url.target = text_of(parsed.encoded_path());
  if (url.target.empty()) url.target = "/";
  if (parsed.has_query()) url.target += "?" + text_of(parsed.encoded_query());
  return url;
}

}  // namespace

std::string WebUrl::text() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const std::string colon = port == (tls ? 443 : 80) ? "" : fmt::format(":{}", port);
  return fmt::format("{}://{}{}{}", tls ? "https" : "http", name, colon, target);
}

bool WebUrl::same_origin(const WebUrl& other) const {
  return tls == other.tls && host == other.host && port == other.port;
}

absl::StatusOr<WebUrl> parse_web_url(std::string_view text) {
  if (text.size() > kLongestUrl) return refused("a URL", "is longer than 1024 bytes");
  if (!may_be_web_url(text)) return refused(text, "is no http or https URL");
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  if (!parsed) return refused(text, "is no http or https URL");
  return web_url_of(*parsed, text);
}

absl::StatusOr<WebUrl> resolve_web_url(const WebUrl& base, std::string_view location) {
  if (location.size() > kLongestUrl) return refused("a URL", "is longer than 1024 bytes");
  if (!may_be_web_url(location)) return refused(location, "is no URL");
  const auto reference = urls::parse_uri_reference({location.data(), location.size()});
  if (!reference) return refused(location, "is no URL");
  const std::string from = base.text();
  const auto parsed_base = urls::parse_uri(from);
  if (!parsed_base) return refused(from, "is no URL");
  urls::url resolved;
  if (!urls::resolve(*parsed_base, *reference, resolved)) return refused(location, "is no URL");
  return web_url_of(resolved, location);
}

}  // namespace muster::domains::rdap

// The only file that uses Boost.URL, which boost_url_source.cpp compiles.
#include "collector/http_client/http_url.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <charconv>
#include <optional>
#include <system_error>

#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kUrlLimit = 2000;

std::string text_of(boost::core::string_view text) {
  return {text.data(), text.size()};
}

// Boost.URL's own port_number() reads 99999 as 34463.
std::optional<uint16_t> port_of(const std::string& digits) {
  uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || rest != end || port == 0) return std::nullopt;
  return port;
}

absl::Status refused(std::string_view text, std::string_view why) {
  // Not more of it than the scheme and host: what is wrong with it may be a password.
  return absl::InvalidArgumentError(
      fmt::format("\"{}…\" {}", printable(text.substr(0, text.find("//") + 2), 20), why));
}

}  // namespace

std::string HttpUrl::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

std::string HttpUrl::shown() const {
  return fmt::format("{}://{}{}", tls ? "https" : "http", authority(),
                     target.substr(0, target.find('?')));
}

absl::StatusOr<HttpUrl> parse_http_url(std::string_view text) {
  if (text.size() > kUrlLimit) {
    return refused(text, fmt::format("is longer than {} bytes", kUrlLimit));
  }
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed || (parsed->scheme() != "https" && parsed->scheme() != "http")) {
    return refused(text, "is not a URL as https://inventory.example.org/hosts");
  }
  if (parsed->has_userinfo()) {
    return refused(text, "has a user in it: give username and password_file instead");
  }
  if (parsed->encoded_host().empty()) return refused(text, "names no host");
  if (parsed->has_fragment()) return refused(text, "has a fragment (#…), which no server sees");
  HttpUrl url;
  url.tls = parsed->scheme() == "https";
  url.port = url.tls ? 443 : 80;
  if (parsed->has_port() && !parsed->port().empty()) {
    const std::optional<uint16_t> port = port_of(text_of(parsed->port()));
    if (!port) return refused(text, "has a port that is not one from 1 to 65535");
    url.port = *port;
  }
  url.host = parsed->host_type() == boost::urls::host_type::ipv6
                 ? text_of(parsed->host_ipv6_address().to_string())
                 : text_of(parsed->encoded_host());
  url.target = text_of(parsed->encoded_path());
  if (url.target.empty()) url.target = "/";
  if (parsed->has_query()) url.target += "?" + text_of(parsed->encoded_query());
  return url;
}

}  // namespace muster::collector

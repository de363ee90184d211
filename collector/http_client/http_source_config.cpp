#include "collector/http_client/http_source_config.h"

#include <algorithm>
#include <utility>

namespace muster::collector {
namespace {

using namespace std::chrono_literals;

bool can_be_user(const std::string& name) {
  // RFC 7617: the colon ends it.
  return name.size() <= 255 && std::none_of(name.begin(), name.end(), [](unsigned char c) {
           return c < 0x20 || c == 0x7f || c == ':';
         });
}

void read_credentials(YamlMap& map, const Beside& beside, HttpSource& http) {
  http.username = map.text("username").value_or("");
  http.password_file = beside(map.text("password_file").value_or(""));
  http.token_file = beside(map.text("token_file").value_or(""));
  if (http.username.empty() != http.password_file.empty()) {
    map.complain("password_file", "username and password_file belong together");
  }
  if (!can_be_user(http.username)) {
    map.complain("username", "at most 255 bytes, without ':' and control characters");
  }
  if (!http.token_file.empty() && !http.username.empty()) {
    map.complain("token_file", "either username and password_file or token_file, not both");
  }
  const bool has_secret = !http.token_file.empty() || !http.username.empty();
  if (has_secret && !http.url.tls) {
    map.complain("url", "it would send the secret for everybody to read: use https");
  }
}

}  // namespace

HttpSource read_http_source(YamlMap& map, const std::string& url, const Beside& beside) {
  HttpSource http;
  absl::StatusOr<HttpUrl> parsed = parse_http_url(url);
  if (parsed.ok()) {
    http.url = *std::move(parsed);
  } else {
    map.complain("url", std::string(parsed.status().message()));
  }
  http.timeout = map.duration("timeout", 1s, 10min).value_or(http.timeout);
  http.ca_file = beside(map.text("ca_file").value_or(""));
  if (!http.ca_file.empty() && !http.url.tls) map.complain("ca_file", "it is of use with https");
  read_credentials(map, beside, http);
  return http;
}

Duration read_asking_interval(YamlMap& map, Duration usual) {
  return map.duration("interval", 1s, 24h).value_or(usual);
}

std::vector<std::string*> paths_of(HttpSource& source) {
  return {&source.ca_file, &source.password_file, &source.token_file};
}

}  // namespace muster::collector

#include "collector/inventory/inventory_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "common/text.h"

namespace muster::collector {
namespace {

using namespace std::chrono_literals;
using Beside = std::function<std::string(const std::string&)>;

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

void read_server(YamlMap& map, const std::string& url, const Beside& beside,
                 InventorySource& source) {
  HttpSource http;
  absl::StatusOr<HttpUrl> parsed = parse_http_url(url);
  if (parsed.ok()) {
    http.url = *std::move(parsed);
  } else {
    map.complain("url", std::string(parsed.status().message()));
  }
  source.interval = map.duration("interval", 1s, 24h).value_or(source.interval);
  http.timeout = map.duration("timeout", 1s, 10min).value_or(http.timeout);
  http.ca_file = beside(map.text("ca_file").value_or(""));
  if (!http.ca_file.empty() && !http.url.tls) map.complain("ca_file", "it is of use with https");
  read_credentials(map, beside, http);
  source.name = http.url.shown();
  source.http = std::move(http);
}

InventorySource read_source_settings(YamlMap& map, const Beside& beside) {
  InventorySource source;
  const std::optional<std::string> file = map.text("file");
  const std::optional<std::string> url = map.text("url");
  if (file.has_value() == url.has_value()) {
    map.complain("file", "a source is either a `file` or a `url`");
  }
  if (url) {
    read_server(map, *url, beside, source);
  } else if (file) {
    source.file = source.name = beside(*file);
    const std::optional<InventoryFormat> format = inventory_format_of(*file);
    if (format) source.format = *format;
    if (!format) {
      map.complain("file", "its name must end with .yml, .csv or .json, which says how to read it");
    }
    if (source.name.find('\n') != std::string::npos) map.complain("file", "it has a line break");
  }
  return source;
}

}  // namespace

std::vector<InventorySource> read_inventory_sources(YamlMap& root, const Beside& beside) {
  std::vector<InventorySource> sources;
  for (YamlMap& map : root.maps("inventory")) {
    InventorySource source = read_source_settings(map, beside);
    const bool known = std::any_of(sources.begin(), sources.end(), [&source](const auto& other) {
      return other.name == source.name;
    });
    if (known) {
      map.complain(source.http ? "url" : "file",
                   fmt::format("{} is a source already (a URL's query does not tell them apart)",
                               printable(source.name, 200)));
    }
    sources.push_back(std::move(source));
  }
  if (sources.size() > kMostInventorySources) {
    root.complain("inventory", fmt::format("at most {} sources", kMostInventorySources));
  }
  return sources;
}

std::vector<std::string*> paths_of(InventorySource& source) {
  if (!source.http) return {&source.file};
  HttpSource& http = *source.http;
  return {&http.ca_file, &http.password_file, &http.token_file};
}

}  // namespace muster::collector

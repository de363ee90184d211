// The web-config file of the Prometheus ecosystem (TLS and users), as `promtool check web-config`
// knows it. What the format has and this server does not is refused by name, never ignored: a
// client_ca_file without effect would be a door that looks shut.
#pragma once

#include <absl/status/statusor.h>

#include <map>
#include <string>

namespace muster::collector::http {

struct WebConfig {
  // Both or none; a relative path in the file is one beside it.
  std::string cert_file;
  std::string key_file;
  // TLS 1.3 is the least unless the file says `min_version: TLS12`.
  bool minimum_tls12 = false;
  // User name to bcrypt hash.
  std::map<std::string, std::string> users;
};

// `path` is for the complaints (path:line:column) and for relative paths. InvalidArgument.
absl::StatusOr<WebConfig> parse_web_config(const std::string& text, const std::string& path);

}  // namespace muster::collector::http

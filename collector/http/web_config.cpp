#include "collector/http/web_config.h"

#include <fmt/format.h>

#include <filesystem>
#include <initializer_list>
#include <string_view>

#include "collector/http/bcrypt.h"
#include "common/text.h"
#include "common/yaml_reader.h"

namespace muster::collector::http {
namespace {

struct Unsupported {
  std::string_view key;
  std::string_view instead;
};

// Fields of the format, by what an operator can do without them.
constexpr Unsupported kUnsupportedTls[] = {
    {"client_ca_file", "protect the port by basic_auth_users"},
    {"client_allowed_sans", "protect the port by basic_auth_users"},
    {"cipher_suites", "TLS 1.3's are all good, of TLS 1.2 only such are used"},
    {"curve_preferences", "OpenSSL's order is used"},
    {"max_version", "the newest is always allowed"},
    {"prefer_server_cipher_suites", "all that are used are good"},
    {"cert", "name a file by cert_file"},
    {"key", "name a file by key_file"},
    {"client_ca", "protect the port by basic_auth_users"},
};

void refuse(YamlMap& map, std::string_view key, std::string_view instead) {
  if (!map.has(key)) return;
  map.complain(
      key, fmt::format("{} is not supported by muster-collector; leave it out: {}", key, instead));
}

std::string beside(const std::string& path, const std::string& file) {
  return (std::filesystem::path(path).parent_path() / file).string();
}

void read_tls(YamlMap tls, const std::string& path, WebConfig& config) {
  for (const Unsupported& field : kUnsupportedTls)
    refuse(tls, field.key, field.instead);
  if (const auto type = tls.text("client_auth_type"); type && *type != "NoClientCert") {
    tls.complain("client_auth_type",
                 "only NoClientCert is supported by muster-collector; protect the port by "
                 "basic_auth_users");
  }
  tls.require("cert_file");
  tls.require("key_file");
  if (const auto file = tls.text("cert_file")) config.cert_file = beside(path, *file);
  if (const auto file = tls.text("key_file")) config.key_file = beside(path, *file);
  if (const auto least = tls.one_of("min_version", {"TLS12", "TLS13"})) {
    config.minimum_tls12 = *least == "TLS12";
  }
}

}  // namespace

absl::StatusOr<WebConfig> parse_web_config(const std::string& text, const std::string& path) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, path);
  if (!document.ok()) return document.status();
  WebConfig config;
  YamlMap root = document->root();
  if (std::optional<YamlMap> tls = root.map("tls_server_config")) read_tls(*tls, path, config);
  if (std::optional<YamlMap> http = root.map("http_server_config")) {
    refuse(*http, "headers", "the security headers are always sent");
    if (http->boolean("http2").value_or(false)) {
      http->complain("http2", "this server speaks HTTP/1.1: write `http2: false`");
    }
  }
  for (auto& [user, hash] : root.pairs("basic_auth_users")) {
    if (user.empty() || user.find(':') != std::string::npos) {
      root.complain("basic_auth_users", "a user's name must not be empty nor have a colon");
    }
    if (const absl::Status status = check_bcrypt_hash(hash); !status.ok()) {
      root.complain("basic_auth_users", fmt::format("the password of {} {}", printable(user, 100),
                                                    std::string_view(status.message().data(),
                                                                     status.message().size())));
    }
    config.users.emplace(std::move(user), std::move(hash));
  }
  if (absl::Status status = document->finish(); !status.ok()) return status;
  return config;
}

}  // namespace muster::collector::http

#include "collector/http_client/http_document.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "collector/http_client/http_get.h"
#include "common/files.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kSecretLimit = 4096;
constexpr size_t kCertificatesLimit = 1 << 20;

// Without the line break that editors put at the end.
absl::StatusOr<std::string> read_secret(const std::string& path) {
  absl::StatusOr<std::string> secret = read_file(path, kSecretLimit);
  if (!secret.ok()) return secret.status();
  if (secret->ends_with('\n')) secret->pop_back();
  if (secret->ends_with('\r')) secret->pop_back();
  const bool control = std::any_of(secret->begin(), secret->end(),
                                   [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!secret->empty() && !control) return secret;
  return absl::InvalidArgumentError(
      fmt::format("{} must have one line, the secret and nothing else", path));
}

// Nothing where no file is named.
absl::StatusOr<std::string> read_ca(const std::string& path) {
  if (path.empty()) return std::string();
  absl::StatusOr<std::string> ca = read_file(path, kCertificatesLimit);
  if (!ca.ok() || ca->find("-----BEGIN CERTIFICATE-----") != std::string::npos) return ca;
  return absl::InvalidArgumentError(fmt::format("{} has no certificate in PEM", path));
}

// Loosely: a server of files may not know what it serves, but a page for people is a mistake.
bool may_be_json(const std::string& content_type) {
  const std::string type = absl::AsciiStrToLower(content_type);
  return type.empty() || absl::StrContains(type, "json") || absl::StartsWith(type, "text/plain") ||
         absl::StartsWith(type, "application/octet-stream");
}

absl::Status refused(const HttpAnswer& answer) {
  std::string hint;
  if (answer.status / 100 == 3) {
    // A query may have a secret, as ours may.
    hint = fmt::format(" (to {}); redirections are not followed: give that address",
                       printable(answer.location.substr(0, answer.location.find('?')), 200));
  }
  if (answer.status == 401 || answer.status == 403) {
    hint = "; check username and password_file, or token_file";
  }
  return absl::UnavailableError(
      fmt::format("it answers {} {}{}", answer.status, printable(answer.reason, 100), hint));
}

}  // namespace

absl::StatusOr<std::string> authorization_of(const HttpSource& source) {
  if (!source.token_file.empty()) {
    const absl::StatusOr<std::string> token = read_secret(source.token_file);
    if (!token.ok()) return token.status();
    return "Bearer " + *token;
  }
  if (source.username.empty()) return std::string();
  const absl::StatusOr<std::string> password = read_secret(source.password_file);
  if (!password.ok()) return password.status();
  return "Basic " + absl::Base64Escape(source.username + ":" + *password);
}

absl::Status check_files(const HttpSource& source) {
  const absl::StatusOr<std::string> ca = read_ca(source.ca_file);
  return ca.ok() ? authorization_of(source).status() : ca.status();
}

absl::StatusOr<std::string> fetch_json(const HttpSource& source, size_t largest,
                                       const std::stop_token& stop) {
  HttpGet get{.url = source.url, .ca_pem = {}, .authorization = {}};
  get.body_bytes = largest;
  get.timeout = source.timeout;
  get.stop = stop;
  absl::StatusOr<std::string> ca = read_ca(source.ca_file);
  if (!ca.ok()) return ca.status();
  get.ca_pem = *std::move(ca);
  absl::StatusOr<std::string> authorization = authorization_of(source);
  if (!authorization.ok()) return authorization.status();
  get.authorization = *std::move(authorization);
  absl::StatusOr<HttpAnswer> answer = http_get(get);
  if (!answer.ok()) return answer.status();
  if (answer->status != 200) return refused(*answer);
  const std::string coding = absl::AsciiStrToLower(answer->content_encoding);
  if (!coding.empty() && coding != "identity") {
    return absl::UnavailableError(
        fmt::format("it answers with the encoding {}, which was not asked for",
                    printable(answer->content_encoding, 100)));
  }
  if (!may_be_json(answer->content_type)) {
    return absl::UnavailableError(
        fmt::format("it answers with {}, not JSON; is it a page to log in?",
                    printable(answer->content_type, 100)));
  }
  return std::move(answer->body);
}

}  // namespace muster::collector

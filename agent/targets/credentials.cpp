#include "agent/targets/credentials.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <variant>

#include "agent/output/status_text.h"
#include "agent/targets/global_addresses.h"
#include "common/openssl.h"
#include "common/text.h"
#include "common/yaml_reader.h"

namespace muster::agent {
namespace {

constexpr size_t kMostEntries = 1000;
constexpr size_t kMostNetworks = 100;
constexpr size_t kMostKinds = 32;
constexpr size_t kKindLimit = 64;
constexpr size_t kUsernameLimit = 255;
constexpr size_t kPasswordLimit = 4096;
constexpr size_t kPemLimit = size_t{64} << 10;

// All that a complaint says besides its place: the reader's own sentences may have what is written
// there in them.
constexpr std::string_view kNetworks =
    "an entry needs 'networks', at most 100, each like 10.9.0.0/16, without host bits";
constexpr std::string_view kKinds =
    "an entry needs 'kinds', at most 32, as targets have them: [bmc]";
constexpr std::string_view kUsername = "'username' has 1 to 255 bytes";
constexpr std::string_view kPassword = "'password' has 1 to 4096 bytes";
constexpr std::string_view kCertificate =
    "'certificate' and 'key' are PEM of at most 64 KiB each, and the key, not encrypted, is that "
    "of "
    "the first certificate";
constexpr std::string_view kNothing =
    "an entry needs 'username' and 'password', or 'certificate' and 'key', or all of them";
constexpr std::string_view kTwice =
    "an entry before this one has one of these networks for one of these kinds";
constexpr std::array kSentences{kNetworks,    kKinds,   kUsername, kPassword,
                                kCertificate, kNothing, kTwice};
constexpr std::string_view kNotShown =
    "this is not how credentials are written, networks, kinds, username and password, "
    "certificate and key; it is not shown, since it may be secret";

// The lines of a complaint, each with its place and one of the sentences above.
absl::Status without_values(const absl::Status& status, const std::string& name) {
  std::string text;
  std::string_view rest = text_of(status);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    size_t end = line.starts_with(name + ":") ? name.size() : 0;
    while (end > 0 && end < line.size() &&
           (line[end] == ':' || std::isdigit(static_cast<unsigned char>(line[end])) != 0)) {
      ++end;
    }
    std::string_view place = line.substr(0, end);
    if (place.ends_with(':')) place.remove_suffix(1);
    const std::string_view said = trim(line.substr(end));
    const bool known = std::find(kSentences.begin(), kSentences.end(), said) != kSentences.end();
    if (!text.empty()) text += '\n';
    text += fmt::format("{}: {}", place.empty() ? std::string_view(name) : place,
                        known ? said : kNotShown);
  }
  return absl::InvalidArgumentError(text);
}

bool is_kind(std::string_view text) {
  return !text.empty() && text.size() <= kKindLimit &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-';
         });
}

// No terminal is asked for what would open an encrypted key.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writes*/, void* /*user*/) {
  return 0;
}

bool belong_together(std::string_view certificate, std::string_view key) {
  const BioPtr certificate_bio = memory_bio(certificate);
  const X509Ptr leaf(::PEM_read_bio_X509(certificate_bio.get(), nullptr, &no_passphrase, nullptr));
  const BioPtr key_bio = memory_bio(key);
  const EvpPkeyPtr private_key(
      ::PEM_read_bio_PrivateKey(key_bio.get(), nullptr, &no_passphrase, nullptr));
  const bool fit = leaf != nullptr && private_key != nullptr &&
                   ::X509_check_private_key(leaf.get(), private_key.get()) == 1;
  ::ERR_clear_error();
  return fit;
}

void read_password(YamlMap& map, Credential& entry) {
  if (!map.has("username") && !map.has("password")) return;
  entry.username = map.text("username").value_or("");
  if (entry.username.empty() || entry.username.size() > kUsernameLimit) {
    map.complain("username", kUsername);
  }
  entry.password = Secret(map.text("password").value_or(""));
  if (entry.password.reveal().empty() || entry.password.reveal().size() > kPasswordLimit) {
    map.complain("password", kPassword);
  }
}

void read_certificate(YamlMap& map, Credential& entry) {
  if (!map.has("certificate") && !map.has("key")) return;
  entry.certificate = Secret(map.text("certificate").value_or(""));
  entry.key = Secret(map.text("key").value_or(""));
  const std::string_view certificate = entry.certificate.reveal();
  const std::string_view key = entry.key.reveal();
  if (certificate.size() > kPemLimit || key.size() > kPemLimit ||
      !belong_together(certificate, key)) {
    map.complain("certificate", kCertificate);
  }
}

// `seen`: what the entries before are bound to.
Credential read_entry(YamlMap& map, std::set<std::pair<std::string, std::string>>& seen) {
  Credential entry;
  const auto networks = map.texts("networks").value_or(std::vector<std::string>());
  bool good = !networks.empty() && networks.size() <= kMostNetworks;
  for (size_t i = 0; good && i < networks.size(); ++i) {
    const auto network = parse_network(networks[i]);
    good = network.ok();
    if (good) entry.networks.push_back(*network);
  }
  if (!good) map.complain("networks", kNetworks);
  entry.kinds = map.texts("kinds").value_or(std::vector<std::string>());
  if (entry.kinds.empty() || entry.kinds.size() > kMostKinds ||
      !std::all_of(entry.kinds.begin(), entry.kinds.end(), is_kind)) {
    map.complain("kinds", kKinds);
  }
  if (!map.has("username") && !map.has("password") && !map.has("certificate") && !map.has("key")) {
    map.complain("networks", kNothing);
  }
  read_password(map, entry);
  read_certificate(map, entry);
  bool twice = false;
  for (const AllowedTargets::Network& network : entry.networks) {
    const std::string text = std::visit([](const auto& it) { return it.to_string(); }, network);
    for (const std::string& kind : entry.kinds)
      twice |= !seen.emplace(text, kind).second;
  }
  if (twice) map.complain("networks", kTwice);
  return entry;
}

int prefix_length(const AllowedTargets::Network& network) {
  return std::visit([](const auto& it) { return static_cast<int>(it.prefix_length()); }, network);
}

}  // namespace

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  forget();
  text_ = other.text_;
  other.forget();
  return *this;
}

void Secret::forget() {
  // Its capacity: a text that became shorter left its end there.
  text_.resize(text_.capacity());
  ::OPENSSL_cleanse(text_.data(), text_.size());
  text_.clear();
}

absl::Status check_credentials_file(const struct stat& status, uid_t user, std::string_view name) {
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  if ((status.st_mode & kOthers) != 0 || (status.st_uid != 0 && status.st_uid != user)) {
    return absl::PermissionDeniedError(fmt::format(
        "{} has passwords and must be root's, readable by nobody else: chown root:root {} && "
        "chmod 0600 {}",
        name, name, name));
  }
  return absl::OkStatus();
}

absl::StatusOr<Credentials> Credentials::parse(const std::string& text, const std::string& name) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, name);
  if (!document.ok()) return without_values(document.status(), name);
  Credentials credentials;
  YamlMap root = document->root();
  if (root.size("credentials") > kMostEntries) {
    return absl::InvalidArgumentError(
        fmt::format("{}: at most {} entries are taken", root.place("credentials"), kMostEntries));
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (YamlMap& map : root.maps("credentials"))
    credentials.entries_.push_back(read_entry(map, seen));
  const absl::Status status = document->finish();
  if (!status.ok()) return without_values(status, name);
  return credentials;
}

const Credential* Credentials::find(const boost::asio::ip::address& address,
                                    std::string_view kind) const {
  const boost::asio::ip::address plain = plain_address(address);
  const Credential* narrowest = nullptr;
  int longest = -1;
  for (const Credential& entry : entries_) {
    if (std::find(entry.kinds.begin(), entry.kinds.end(), kind) == entry.kinds.end()) continue;
    for (const AllowedTargets::Network& network : entry.networks) {
      if (prefix_length(network) <= longest || !contains(network, plain)) continue;
      longest = prefix_length(network);
      narrowest = &entry;
    }
  }
  return narrowest;
}

}  // namespace muster::agent

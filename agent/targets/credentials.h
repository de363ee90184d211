// What this agent may say to targets to be let in: user names and passwords, certificates and keys
// of root's file target-credentials.yml, each bound to networks and kinds of targets. The collector
// names none and sees none; whoever asks gives the address that is dialled and the probe's kind, or
// kProxyKind for a proxy on the way. Immutable; any thread.
//
//   credentials:
//     - {networks: [10.9.0.0/16], kinds: [bmc], username: audit, password: "..."}
//     - networks: [192.0.2.0/24]
//       kinds: [tls]
//       certificate: |
//         -----BEGIN CERTIFICATE-----
//       key: |
//         -----BEGIN PRIVATE KEY-----
//
// What the file has is never printed: a complaint says where and not what.
#pragma once

#include <absl/status/statusor.h>

#include <sys/stat.h>

#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/targets/allowed_targets.h"

namespace muster::agent {

// Text that leaves no copy behind: it is overwritten when it goes. What reads YAML has copies of
// its own meanwhile, so whoever holds secrets forbids core dumps too.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  // A small string's moved-from one has its bytes still.
  Secret(Secret&& other) noexcept : text_(other.text_) { other.forget(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { forget(); }

  // For the wire to the target and nothing else.
  std::string_view reveal() const { return text_; }

 private:
  void forget();

  std::string text_;
};

struct Credential {
  std::vector<AllowedTargets::Network> networks;
  std::vector<std::string> kinds;
  // Both or neither.
  std::string username = {};
  Secret password = {};
  // PEM: the leaf and what comes behind it, and the leaf's key. Both or neither; they were seen to
  // belong together.
  Secret certificate = {};
  Secret key = {};
};

// What an entry's `kinds` says for HTTP proxies.
inline constexpr std::string_view kProxyKind = "proxy";

inline constexpr size_t kCredentialsFileLimit = 1 << 20;

// PermissionDenied, with what to do, unless the file is root's or that user's own and nobody else
// can read it. `name`: for the sentence.
absl::Status check_credentials_file(const struct stat& status, uid_t user, std::string_view name);

class Credentials {
 public:
  Credentials() = default;

  // InvalidArgument, one complaint a line, each with `name`:line:column.
  static absl::StatusOr<Credentials> parse(const std::string& text, const std::string& name);
  // That of the narrowest network which has the address, among those for the kind; null if there is
  // none.
  const Credential* find(const boost::asio::ip::address& address, std::string_view kind) const;

 private:
  std::vector<Credential> entries_;
};

}  // namespace muster::agent

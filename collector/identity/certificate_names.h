// Which host a client certificate is for, by what TLS has verified of it. With the fleet's own CA
// it is the id in spiffe://<trust domain>/host/<id>; with a CA of the site's own it is a name that
// a rule finds in the certificate, and the host's id is made out of that name. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace muster::collector {

// Of the placeholder's part; a host's name may be as long.
inline constexpr size_t kCertificateNameLimit = 128;

class CertificateNames {
 public:
  enum class Source { kSpiffe, kDns, kCommonName };

  // The fleet's own CA.
  // NOLINTNEXTLINE(google-explicit-constructor): a trust domain alone is a rule.
  CertificateNames(std::string trust_domain);
  // `pattern` has "{id}" once, and around it what must be there:
  // "spiffe://example.org/server/{id}",
  // "{id}.servers.example.org", "{id}". InvalidArgument says what is wrong with it.
  static absl::StatusOr<CertificateNames> by_rule(Source source, std::string_view pattern);

  Source source() const { return source_; }
  bool is_of_others() const { return by_rule_; }

  // The host's name by the rule: letters (lower-case), digits, '.', '-' and '_', beginning and
  // ending with a letter or digit, 1 to 128. Nothing if no name fits, or if two that fit differ.
  std::optional<std::string> name_in(std::span<const std::string_view> names) const;
  // The host's id: 32 hex digits. NotFound if they name none.
  absl::StatusOr<std::string> host_id_in(std::span<const std::string_view> names) const;

 private:
  CertificateNames() = default;
  std::optional<std::string> match(std::string_view name) const;

  // Of the fleet's own; empty with a rule.
  std::string trust_domain_;
  bool by_rule_ = false;
  Source source_ = Source::kSpiffe;
  std::string prefix_;
  std::string suffix_;
};

// The id of a host that others have named: always the same for a name, and no other's. Pure.
std::string host_id_of_name(std::string_view name);

}  // namespace muster::collector

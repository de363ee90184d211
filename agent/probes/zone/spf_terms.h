// The terms of a record of SPF (RFC 7208, section 12), from its text. Pure.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

namespace muster::zone {

struct SpfTerm {
  // "include", "a", "mx", "ptr", "exists", "ip4", "ip6"
  std::string name;
  // Behind the colon, without a prefix length; empty: the domain itself.
  std::string domain;

  // It takes a look-up (RFC 7208, section 4.6.4).
  bool looks_up() const { return name != "ip4" && name != "ip6"; }
};

struct SpfTerms {
  // Up to `all`, which is not among them.
  std::vector<SpfTerm> terms;
  // "-all"; empty where there is none.
  std::string all;
  // Empty where there is none, or `all` comes before it counts.
  std::string redirect;
};

// Whether a text is a record of SPF.
bool is_spf(std::string_view text);
// InvalidArgument with a sentence where whoever evaluates it would give up.
absl::StatusOr<SpfTerms> parse_spf(std::string_view text);
// Whether a domain depends on the mail at hand: it cannot be looked up.
bool has_macro(std::string_view domain);

}  // namespace muster::zone

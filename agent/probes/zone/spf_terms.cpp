#include "agent/probes/zone/spf_terms.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <optional>

#include "common/text.h"

namespace muster::zone {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view kVersion = "v=spf1";
constexpr size_t kShown = 64;

absl::Status wrong(std::string_view term, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("'{}' {}", printable(term, kShown), why));
}

// "%{ir}", "%%", "%_", "%-"
bool macros_are_whole(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (++i == text.size()) return false;
    if (text[i] == '%' || text[i] == '_' || text[i] == '-') continue;
    const size_t end = text.find('}', i);
    if (text[i] != '{' || end == std::string_view::npos || end == i + 1) return false;
    constexpr std::string_view kLetters = "slodiphcrtvSLODIPHCRTV";
    if (kLetters.find(text[i + 1]) == std::string_view::npos) return false;
    i = end;
  }
  return true;
}

bool is_domain(std::string_view text) {
  if (text.empty() || !macros_are_whole(text)) return false;
  const bool printed =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return printed && (has_macro(text) || trim(text).find('.') != std::string_view::npos);
}

bool is_length(std::string_view text, int most) {
  int length = -1;
  return !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text[0])) &&
         absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &length) && length <= most;
}

// "/24", "/24//64", "//64"
bool are_lengths(std::string_view text) {
  constexpr int kOfIpv4 = 32;
  constexpr int kOfIpv6 = 128;
  const size_t second = text.find("//");
  const std::string_view four = text.substr(0, second);
  if (!four.empty() && !is_length(four.substr(1), kOfIpv4)) return false;
  return second == std::string_view::npos || is_length(text.substr(second + 2), kOfIpv6);
}

bool is_network(std::string_view text, bool ipv6) {
  const size_t slash = text.find('/');
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text.substr(0, slash)), error);
  if (error || address.is_v6() != ipv6) return false;
  return slash == std::string_view::npos || is_length(text.substr(slash + 1), ipv6 ? 128 : 32);
}

// One mechanism without its qualifier: "include:example.net", "a/24".
absl::StatusOr<SpfTerm> parse_mechanism(std::string_view text) {
  const size_t name_end = std::min(text.find_first_of(":/"), text.size());
  SpfTerm term{.name = absl::AsciiStrToLower({text.data(), name_end}), .domain = {}};
  const bool has_value = name_end < text.size() && text[name_end] == ':';
  std::string_view value = has_value ? text.substr(name_end + 1) : std::string_view();
  if (term.name == "ip4" || term.name == "ip6") {
    if (!is_network(value, term.name == "ip6")) return wrong(text, "has no network");
    return term;
  }
  if (term.name == "include" || term.name == "exists" || term.name == "ptr") {
    if (term.name == "ptr" && name_end == text.size()) return term;
    if (!has_value || !is_domain(value)) return wrong(text, "has no domain");
    term.domain = std::string(value);
    return term;
  }
  if (term.name != "a" && term.name != "mx") return wrong(text, "is no mechanism of SPF");
  // A macro may have a slash: lengths come last.
  const size_t behind_macros = value.rfind('}') == std::string_view::npos ? 0 : value.rfind('}');
  const size_t slash = has_value ? value.find('/', behind_macros) : std::string_view::npos;
  std::string_view lengths;
  if (has_value) {
    if (slash != std::string_view::npos) lengths = value.substr(slash);
    value = value.substr(0, slash);
    if (!is_domain(value)) return wrong(text, "has no domain");
    term.domain = std::string(value);
  } else {
    lengths = text.substr(name_end);
  }
  if (!lengths.empty() && !are_lengths(lengths)) return wrong(text, "has no prefix length");
  return term;
}

std::optional<std::string> value_of_modifier(std::string_view term, std::string& name) {
  const size_t equals = term.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  name = absl::AsciiStrToLower({term.data(), equals});
  const auto is_part = [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  };
  if (!absl::ascii_isalpha(static_cast<unsigned char>(name[0])) ||
      !std::all_of(name.begin(), name.end(), is_part)) {
    return std::nullopt;
  }
  return std::string(term.substr(equals + 1));
}

}  // namespace

bool has_macro(std::string_view domain) {
  return domain.find('%') != std::string_view::npos;
}

bool is_spf(std::string_view text) {
  const std::string begin =
      absl::AsciiStrToLower({text.data(), std::min(text.size(), kVersion.size())});
  return begin == kVersion && (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

absl::StatusOr<SpfTerms> parse_spf(std::string_view text) {
  SpfTerms parsed;
  std::string redirect;
  bool explained = false;
  const std::string_view behind = text.substr(kVersion.size());
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(behind.data(), behind.size()), ' ', absl::SkipEmpty())) {
    std::string_view term(part.data(), part.size());
    std::string name;
    if (const std::optional<std::string> value = value_of_modifier(term, name)) {
      if (name == "redirect") {
        if (!redirect.empty()) return wrong(term, "is there twice");
        if (!is_domain(*value)) return wrong(term, "has no domain");
        redirect = *value;
      } else if (name == "exp") {
        if (std::exchange(explained, true)) return wrong(term, "is there twice");
        if (!is_domain(*value)) return wrong(term, "has no domain");
      } else if (!macros_are_whole(*value)) {
        return wrong(term, "has a broken macro");
      }
      continue;
    }
    constexpr std::string_view kQualifiers = "+-?~";
    char qualifier = '+';
    if (kQualifiers.find(term.front()) != std::string_view::npos) {
      qualifier = term.front();
      term.remove_prefix(1);
    }
    const bool is_all = absl::AsciiStrToLower({term.data(), term.size()}) == "all";
    if (is_all) {
      if (parsed.all.empty()) parsed.all = fmt::format("{}all", qualifier);
      continue;
    }
    absl::StatusOr<SpfTerm> mechanism = parse_mechanism(term);
    if (!mechanism.ok()) return mechanism.status();
    // What comes behind `all` is never reached.
    if (parsed.all.empty()) parsed.terms.push_back(*std::move(mechanism));
  }
  if (parsed.all.empty()) parsed.redirect = redirect;
  return parsed;
}

}  // namespace muster::zone

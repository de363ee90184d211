#include "collector/identity/certificate_names.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "collector/identity/certificate_authority.h"
#include "common/digest.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr std::string_view kPlaceholder = "{id}";
constexpr size_t kPatternLimit = 512;
constexpr size_t kHostIdDigits = 32;

bool is_alphanumeric(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kCertificateNameLimit && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
         });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return absl::ascii_tolower(c); });
  return lower;
}

absl::Status bad_pattern(std::string_view pattern, std::string_view what) {
  return absl::InvalidArgumentError(
      fmt::format("the pattern \"{}\" {}", printable(pattern, 100), what));
}

}  // namespace

CertificateNames::CertificateNames(std::string trust_domain)
    : trust_domain_(std::move(trust_domain)) {}

absl::StatusOr<CertificateNames> CertificateNames::by_rule(Source source,
                                                           std::string_view pattern) {
  if (pattern.size() > kPatternLimit) return bad_pattern(pattern, "is longer than 512 characters");
  const size_t at = pattern.find(kPlaceholder);
  if (at == std::string_view::npos ||
      pattern.find(kPlaceholder, at + 1) != std::string_view::npos) {
    return bad_pattern(pattern, "must have {id} once");
  }
  CertificateNames names;
  names.by_rule_ = true;
  names.source_ = source;
  names.prefix_ = pattern.substr(0, at);
  names.suffix_ = pattern.substr(at + kPlaceholder.size());
  for (const std::string* part : {&names.prefix_, &names.suffix_}) {
    const bool plain = std::all_of(part->begin(), part->end(), [](char c) {
      return is_alphanumeric(c) || std::string_view(".-_:/@ ").find(c) != std::string_view::npos;
    });
    if (!plain) {
      return bad_pattern(pattern, "has a character that no name has; only {id} stands for others");
    }
  }
  if (source == Source::kSpiffe && !names.prefix_.starts_with("spiffe://")) {
    return bad_pattern(pattern, "must begin with spiffe://");
  }
  if (source == Source::kDns) {
    names.prefix_ = lower_case(names.prefix_);
    names.suffix_ = lower_case(names.suffix_);
  }
  return names;
}

std::optional<std::string> CertificateNames::match(std::string_view name) const {
  // DNS names are alike in both cases, a SPIFFE path and a common name are not.
  const std::string folded = source_ == Source::kDns ? lower_case(name) : std::string(name);
  const std::string_view text = folded;
  if (text.size() <= prefix_.size() + suffix_.size() || !text.starts_with(prefix_) ||
      !text.ends_with(suffix_)) {
    return std::nullopt;
  }
  const std::string_view id =
      text.substr(prefix_.size(), text.size() - prefix_.size() - suffix_.size());
  if (!is_name(id)) return std::nullopt;
  // Two hosts whose names differ in case only would be told apart by nobody.
  return lower_case(id);
}

std::optional<std::string> CertificateNames::name_in(
    std::span<const std::string_view> names) const {
  std::optional<std::string> found;
  for (const std::string_view name : names) {
    std::optional<std::string> one = match(name);
    if (!one) continue;
    if (found && *found != *one) return std::nullopt;
    found = std::move(one);
  }
  return found;
}

absl::StatusOr<std::string> CertificateNames::host_id_in(
    std::span<const std::string_view> names) const {
  if (!by_rule_) {
    if (names.empty()) return absl::NotFoundError("the client certificate names no host");
    return host_id_from_uri(names.front(), trust_domain_);
  }
  const std::optional<std::string> name = name_in(names);
  if (!name) return absl::NotFoundError("the client certificate names no host by the rule");
  return host_id_of_name(*name);
}

std::string host_id_of_name(std::string_view name) {
  return to_hex(sha256(name)).substr(0, kHostIdDigits);
}

}  // namespace muster::collector

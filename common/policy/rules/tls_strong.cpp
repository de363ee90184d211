// tls_strong: no version of TLS below minimum_version is taken, and no certificate that is served
// has a short key or a signature over MD5 or SHA-1. A signature by itself says nothing, so that of
// a root does not count. An older version that was not asked for makes it unknown, unless what is
// weak is known already.
#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/served.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kMostProblems = 4;
constexpr size_t kLongestWord = 64;

struct Limits {
  double minimum_version;
  int64_t rsa_bits;
  int64_t ec_bits;
};

// As OpenSSL names them; "TLSv1" is 1.0, what is older is less, what is not known is 0 as well.
double number_of(std::string_view version) {
  constexpr std::array<std::pair<std::string_view, double>, 4> kVersions = {
      {{"TLSv1", 1.0}, {"TLSv1.1", 1.1}, {"TLSv1.2", 1.2}, {"TLSv1.3", 1.3}}};
  for (const auto& [name, number] : kVersions) {
    if (name == version) return number;
  }
  return 0;
}

bool is_too_old(std::string_view version, const Limits& limits) {
  // 1.2 of a file and 1.2 of this table are one; a hundredth is no version.
  return number_of(version) < limits.minimum_version - 0.01;
}

// The service of the same socket that tells of versions: they are asked of a socket, not of each
// name.
const v1::TlsService& with_versions(const Served& served) {
  const auto tells = [](const v1::TlsService& service) {
    return !service.versions().empty() || !service.versions_not_asked().empty();
  };
  if (served.listener == nullptr || tells(served.service)) return served.service;
  for (const v1::TlsService& other : served.listener->services()) {
    if (tells(other)) return other;
  }
  return served.service;
}

bool is_weak_signature(const std::string& algorithm) {
  const std::string name = absl::AsciiStrToLower(algorithm);
  return name.find("md2") != std::string::npos || name.find("md4") != std::string::npos ||
         name.find("md5") != std::string::npos || name.find("sha1") != std::string::npos;
}

class Strength {
 public:
  explicit Strength(const Limits& limits) : limits_(limits) {}

  void versions(const Served& served) {
    const v1::TlsService& service = with_versions(served);
    if (!served.service.version().empty()) taken(served.service.version());
    for (const std::string& version : service.versions())
      taken(version);
    const bool tells = !service.versions().empty() || !service.versions_not_asked().empty();
    for (const std::string& version : service.versions_not_asked()) {
      if (is_too_old(version, limits_))
        unknown_.add(fmt::format("{} was not asked for yet", printable(version, kLongestWord)));
    }
    if (!tells) unknown_.add("which versions it takes was not asked yet");
  }

  void certificate(const v1::Certificate& certificate) {
    const std::string name = name_of(certificate);
    const std::string& type = certificate.key_type();
    const int64_t bits = certificate.key_bits();
    const bool is_ec = type == "EC" || type == "id-ecPublicKey";
    const bool is_rsa = type.starts_with("RSA") || type.starts_with("DSA");
    if (type.empty() || ((is_ec || is_rsa) && bits == 0)) {
      unknown_.add(fmt::format("the key of {} could not be read", name), 256);
    } else if ((is_ec && bits < limits_.ec_bits) || (is_rsa && bits < limits_.rsa_bits)) {
      weak_.add(fmt::format("the key of {} has only {} bits ({})", name, bits,
                            printable(type, kLongestWord)),
                256);
    }
    if (!certificate.self_signed() && is_weak_signature(certificate.signature_algorithm())) {
      weak_.add(fmt::format("{} is signed by {}", name,
                            printable(certificate.signature_algorithm(), kLongestWord)),
                256);
    }
  }

  Judgement judgement(const Served& served) const {
    if (!weak_.empty()) return {.kind = Kind::kUnmet, .reason = weak_.joined("; ")};
    if (!unknown_.empty()) return {.reason = unknown_.joined("; ")};
    const v1::Certificate& leaf = served.leaf();
    return {.kind = Kind::kMet,
            .reason = fmt::format("takes nothing older than TLSv{:.1f}, key {} {}",
                                  limits_.minimum_version, printable(leaf.key_type(), kLongestWord),
                                  leaf.key_bits())};
  }

 private:
  void taken(const std::string& version) {
    if (is_too_old(version, limits_))
      weak_.add(fmt::format("takes {}", printable(version, kLongestWord)));
  }

  const Limits& limits_;
  FewTexts weak_{kMostProblems};
  FewTexts unknown_{kMostProblems};
};

Judgement judge_strength(const Served& served, const Limits& limits) {
  Strength strength(limits);
  strength.versions(served);
  for (const v1::Certificate& certificate : served.chain.certificates())
    strength.certificate(certificate);
  return strength.judgement(served);
}

}  // namespace

RuleOutput judge_tls_strong(const RuleInput& input) {
  const Limits limits{.minimum_version = input.fraction("minimum_version"),
                      .rsa_bits = input.count("minimum_rsa_bits"),
                      .ec_bits = input.count("minimum_ec_bits")};
  return judge_each_service(
      input, {.all_met = "no old version of TLS is taken, no key or signature is weak"},
      [&limits](const Served& served) { return judge_strength(served, limits); });
}

}  // namespace muster::policy

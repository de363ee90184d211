// served_chain_trusted: the chain as it is served leads to an authority that the host which looked
// trusts, and the leaf is for servers. A certificate that has signed itself, and a root of one's
// own, are good where `allow_self_signed` names them, and on a socket that only the host itself can
// reach.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/served.h"
#include "common/policy/selector.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestDetail = 256;

bool is_allowed(const v1::Certificate& certificate, const Globs& allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&certificate](const std::string& glob) {
    return matches_glob(glob, certificate.common_name()) ||
           matches_glob(glob, certificate.subject());
  });
}

// The certificate that nobody vouches for, of a chain that ends in one.
const v1::Certificate* own_root_of(const v1::ServedChain& chain) {
  if (chain.trust() == v1::CHAIN_TRUST_SELF_SIGNED) return &chain.certificates(0);
  if (chain.trust() != v1::CHAIN_TRUST_UNTRUSTED_ROOT) return nullptr;
  for (int i = chain.certificates_size() - 1; i > 0; --i) {
    if (chain.certificates(i).self_signed()) return &chain.certificates(i);
  }
  return nullptr;
}

std::string_view words_of(v1::ChainTrust trust) {
  switch (trust) {
    case v1::CHAIN_TRUST_SELF_SIGNED:
      return "it has signed itself";
    case v1::CHAIN_TRUST_INCOMPLETE:
      return "its chain is incomplete";
    case v1::CHAIN_TRUST_UNTRUSTED_ROOT:
      return "its chain ends in a root that is not trusted";
    case v1::CHAIN_TRUST_BROKEN:
      return "its chain is broken";
    default:
      return "its chain was judged in a way newer than this collector";
  }
}

Judgement judge_untrusted(const Served& served, const Globs& allowed) {
  const v1::ServedChain& chain = served.chain;
  const std::string detail =
      chain.trust_detail().empty()
          ? ""
          : fmt::format(" ({})", printable(chain.trust_detail(), kLongestDetail));
  const std::string words =
      fmt::format("{}: {}{}", name_of(served.leaf()), words_of(chain.trust()), detail);
  const bool is_own = chain.trust() == v1::CHAIN_TRUST_SELF_SIGNED ||
                      chain.trust() == v1::CHAIN_TRUST_UNTRUSTED_ROOT;
  const v1::Certificate* const root = own_root_of(chain);
  if (root != nullptr && is_allowed(*root, allowed)) {
    return {.kind = Kind::kMet, .reason = words + ", which the policy allows"};
  }
  if (is_own && served.listener != nullptr && is_loopback(*served.listener)) {
    return {.kind = Kind::kNotApplicable,
            .reason = words + ", where only the host itself can reach it"};
  }
  return {.kind = Kind::kUnmet, .reason = words};
}

Judgement judge_chain(const Served& served, const Globs& allowed) {
  const v1::ServedChain& chain = served.chain;
  switch (chain.trust()) {
    case v1::CHAIN_TRUST_TRUSTED:
      break;
    case v1::CHAIN_TRUST_SELF_SIGNED:
    case v1::CHAIN_TRUST_INCOMPLETE:
    case v1::CHAIN_TRUST_UNTRUSTED_ROOT:
    case v1::CHAIN_TRUST_BROKEN:
      return judge_untrusted(served, allowed);
    default:
      return {.reason =
                  fmt::format("where the chain of {} leads is not known{}", name_of(served.leaf()),
                              chain.trust_detail().empty()
                                  ? ""
                                  : ": " + printable(chain.trust_detail(), kLongestDetail))};
  }
  if (!chain.for_servers()) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("{}: its extended key usage leaves servers out",
                                  name_of(served.leaf()))};
  }
  return {.kind = Kind::kMet,
          .reason = fmt::format("{} leads to {}{}", name_of(served.leaf()),
                                chain.anchor().empty() ? "an authority that is trusted"
                                                       : printable(chain.anchor(), 128),
                                chain.misordered() ? ", in a chain that is out of order" : "")};
}

}  // namespace

RuleOutput judge_served_chain_trusted(const RuleInput& input) {
  const Globs& allowed = input.globs("allow_self_signed");
  return judge_each_service(
      input, {.all_met = "every chain that is served leads to an authority that is trusted"},
      [&allowed](const Served& served) { return judge_chain(served, allowed); });
}

}  // namespace muster::policy

// served_not_revoked: nobody says that the leaf is revoked, and what the server itself sends along
// about that is still good. Where neither was asked for, this does not apply.
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/served.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestDetail = 256;
// As the probe counts answers and lists that say no end.
constexpr std::chrono::days kWithoutAnEnd{7};

std::string in_brackets(const std::string& detail) {
  return detail.empty() ? "" : fmt::format(" ({})", printable(detail, kLongestDetail));
}

bool is_revoked(const v1::TlsService& service) {
  return service.revocation() == v1::REVOCATION_REVOKED ||
         (service.has_staple() && service.staple().error().empty() &&
          service.staple().status() == v1::REVOCATION_REVOKED);
}

Judgement judge_known(const Served& served) {
  const v1::TlsService& service = served.service;
  const std::string name = name_of(served.leaf());
  const std::string detail = in_brackets(service.revocation_detail());
  const bool has_staple = service.has_staple();
  switch (service.revocation()) {
    case v1::REVOCATION_GOOD:
      return {.kind = Kind::kMet, .reason = fmt::format("{} is not revoked{}", name, detail)};
    case v1::REVOCATION_UNSPECIFIED:
      if (has_staple && service.staple().error().empty() &&
          service.staple().status() == v1::REVOCATION_GOOD) {
        return {.kind = Kind::kMet,
                .reason = fmt::format("{} is not revoked, says its staple", name)};
      }
      if (has_staple) {
        return {.reason = fmt::format("whether {} is revoked, its staple does not say{}", name,
                                      in_brackets(service.staple().error()))};
      }
      return {.kind = Kind::kNotApplicable,
              .reason = fmt::format("nobody was asked whether {} is revoked", name)};
    default:
      return {.reason = fmt::format("whether {} is revoked is not known{}", name, detail)};
  }
}

Judgement judge_revocation(const Served& served, TimePoint now) {
  const v1::TlsService& service = served.service;
  if (is_revoked(service)) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format(
                "{} is revoked{}{}", name_of(served.leaf()),
                service.has_revoked_at()
                    ? fmt::format(" since {}", to_iso_date(from_proto(service.revoked_at())))
                    : "",
                in_brackets(service.revocation_detail()))};
  }
  if (!service.has_staple() || !service.staple().error().empty()) return judge_known(served);
  const v1::OcspStaple& staple = service.staple();
  if (!staple.has_next_update()) {
    if (!staple.has_this_update()) return judge_known(served);
    const TimePoint counts_until = from_proto(staple.this_update()) + kWithoutAnEnd;
    if (now >= counts_until) {
      return {.reason =
                  fmt::format("its staple (OCSP) is of {} and says no end: it counts for a week",
                              to_iso8601(from_proto(staple.this_update())))};
    }
    Judgement judgement = judge_known(served);
    judgement.holds_until = counts_until;
    return judgement;
  }
  const TimePoint ends = from_proto(staple.next_update());
  if (now >= ends) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("its staple (OCSP) ended on {}: the server does not fetch new "
                                  "ones",
                                  to_iso8601(ends))};
  }
  Judgement judgement = judge_known(served);
  judgement.holds_until = ends;
  return judgement;
}

}  // namespace

RuleOutput judge_served_not_revoked(const RuleInput& input) {
  return judge_each_service(
      input, {.all_met = "no certificate that is served is revoked"},
      [&input](const Served& served) { return judge_revocation(served, input.now); });
}

}  // namespace muster::policy

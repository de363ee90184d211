// served_certificate_valid: what is served is within its dates: the leaf, each authority that is
// served with it, and the one of the host's store that it leads to. As OpenSSL has it, the second
// that not_after names is the first in which it is refused.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/served.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kMostProblems = 3;

class Dates {
 public:
  explicit Dates(TimePoint now) : now_(now) {}

  void certificate(const v1::Certificate& certificate, const std::string& name) {
    if (!certificate.has_not_before() || !certificate.has_not_after()) {
      unread_.add(name, 256);
      return;
    }
    const TimePoint begins = from_proto(certificate.not_before());
    if (now_ < begins) {
      problems_.add(fmt::format("{} is not valid before {}", name, to_iso8601(begins)), 512);
      changes_at(begins);
    }
    end(from_proto(certificate.not_after()), name);
  }

  void end(TimePoint ends, const std::string& name) {
    if (now_ >= ends) problems_.add(fmt::format("{} expired on {}", name, to_iso_date(ends)), 512);
    changes_at(ends);
  }

  Judgement judgement(const v1::Certificate& leaf) const {
    if (!problems_.empty()) {
      return {.kind = Kind::kUnmet, .reason = problems_.joined("; "), .holds_until = changes_at_};
    }
    if (!unread_.empty()) {
      return {.reason = fmt::format("the dates of {} could not be read", unread_.joined())};
    }
    return {.kind = Kind::kMet,
            .reason = fmt::format("{} is valid until {}", name_of(leaf),
                                  to_iso_date(from_proto(leaf.not_after()))),
            .holds_until = changes_at_};
  }

 private:
  void changes_at(TimePoint time) {
    if (time > now_) changes_at_ = std::min(changes_at_, time);
  }

  TimePoint now_;
  FewTexts problems_{kMostProblems};
  FewTexts unread_{kMostProblems};
  TimePoint changes_at_ = TimePoint::max();
};

Judgement judge_dates(const Served& served, TimePoint now) {
  Dates dates(now);
  dates.certificate(served.leaf(), name_of(served.leaf()));
  for (int i = 1; i < served.chain.certificates_size(); ++i) {
    const v1::Certificate& authority = served.chain.certificates(i);
    dates.certificate(authority, fmt::format("{}, served with it,", name_of(authority)));
  }
  if (served.chain.trust() == v1::CHAIN_TRUST_TRUSTED && served.chain.has_anchor_not_after()) {
    dates.end(from_proto(served.chain.anchor_not_after()),
              fmt::format("{}, to which it leads,", printable(served.chain.anchor(), 128)));
  }
  return dates.judgement(served.leaf());
}

}  // namespace

RuleOutput judge_served_certificate_valid(const RuleInput& input) {
  return judge_each_service(
      input, {.all_met = "all certificates that are served are within their dates"},
      [&input](const Served& served) { return judge_dates(served, input.now); });
}

}  // namespace muster::policy

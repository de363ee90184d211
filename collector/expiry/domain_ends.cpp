// Registrations of domains, and signatures of zones.
#include <fmt/format.h>

#include <chrono>

#include "collector/expiry/facts_reader.h"
#include "collector/expiry/section_ends.h"
#include "common/targets/domain_target.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::collector {
namespace {

// A date by hand is given as the end of its day, which is the first moment of the next one; in a
// calendar it is to be on the day that was written.
TimePoint within_its_day(TimePoint end_of_day) {
  return end_of_day - std::chrono::seconds(1);
}

std::string domain_in_words(const v1::DomainFacts& facts, bool by_hand) {
  if (by_hand) return "the registry publishes no date; this one is of the list of targets";
  std::string words = facts.registrar().empty() ? "" : "at " + facts.registrar();
  if (facts.expires_zone_unknown()) {
    words +=
        words.empty() ? "it may be a day earlier or later" : "; it may be a day earlier or later";
  }
  return printable(words, kLongestDetail);
}

}  // namespace

void list_domain_ends(const SectionState& section, ExpiryKinds /*kinds*/, const TakeEnd& take) {
  google::protobuf::Arena arena;
  const auto* const facts =
      read_facts<v1::DomainFacts>(section, v1::EXPIRY_KIND_DOMAIN, take, arena);
  if (facts == nullptr) return;
  // What nobody has, has no end; that it is gone is a matter of the rules.
  if (facts->answer() == v1::REGISTRY_ANSWER_FREE ||
      facts->answer() == v1::REGISTRY_ANSWER_RESERVED) {
    return;
  }
  const std::string& domain = facts->domain().empty() ? facts->address() : facts->domain();
  SectionEnd end{.kind = v1::EXPIRY_KIND_DOMAIN,
                 .subject = printable(domain, kLongestSubject),
                 .thing = printable(domain, kLongestSubject)};
  if (facts->has_expires()) {
    end.ends = from_proto(facts->expires());
  } else if (facts->has_expires_by_hand()) {
    end.ends = within_its_day(from_proto(facts->expires_by_hand()));
    end.by_hand = true;
  }
  if (end.ends) end.detail = domain_in_words(*facts, end.by_hand);
  take(std::move(end));
}

SectionEnd end_of_domain_target(std::string_view address) {
  SectionEnd end{.kind = v1::EXPIRY_KIND_DOMAIN, .subject = printable(address, kLongestSubject)};
  const absl::StatusOr<DomainTarget> target = parse_domain_target(address);
  if (!target.ok() || !target->expires_by_hand) return end;
  end.subject = printable(target->name, kLongestSubject);
  end.thing = end.subject;
  end.ends = within_its_day(*target->expires_by_hand);
  end.by_hand = true;
  end.detail = "its registry has not told anything yet; this date is of the list of targets";
  return end;
}

void list_zone_ends(const SectionState& section, ExpiryKinds /*kinds*/, const TakeEnd& take) {
  google::protobuf::Arena arena;
  const auto* const facts =
      read_facts<v1::ZoneFacts>(section, v1::EXPIRY_KIND_ZONE_SIGNATURE, take, arena);
  if (facts == nullptr) return;
  const bool is_unsigned = facts->dnssec() == v1::DNSSEC_STATE_UNSIGNED;
  if (is_unsigned && !facts->has_signatures_expire()) return;
  const std::string& zone = facts->zone().empty() ? facts->address() : facts->zone();
  SectionEnd end{.kind = v1::EXPIRY_KIND_ZONE_SIGNATURE,
                 .subject = printable(zone, kLongestSubject),
                 .thing = printable(zone, kLongestSubject)};
  if (facts->has_signatures_expire()) {
    end.ends = from_proto(facts->signatures_expire());
    end.detail = printable(facts->signatures_expire_of(), kLongestDetail);
  }
  take(std::move(end));
}

}  // namespace muster::collector

#include "common/policy/rules/renewed_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "common/duration.h"
#include "common/policy/rules/server_programs.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

constexpr size_t kLongestPath = 512;
constexpr size_t kLongestName = 128;
constexpr Duration kSmallest{1};

// "2 h" for "2 hours": there are two of them in a sentence.
std::string shortened(std::string words) {
  const size_t hour = words.find(" hour");
  return hour == std::string::npos ? words : words.substr(0, hour) + " h";
}

// How long it is until then, later than now: "3 days".
Age describe_rest(TimePoint until, TimePoint now) {
  constexpr std::array<Duration, 3> kUnits{std::chrono::days(1), std::chrono::hours(1),
                                           std::chrono::minutes(1)};
  // Clamped, so that no time stamp from outside overflows the difference.
  const TimePoint latest = saturating_add(now, Duration(std::chrono::days(100'000)));
  const Duration rest = std::min(until, latest) - now;
  Duration unit = std::chrono::seconds(1);
  for (const Duration candidate : kUnits) {
    if (rest < candidate) continue;
    unit = candidate;
    break;
  }
  const TimePoint shorter = saturating_add(now, rest % unit + kSmallest);
  return {describe_duration(rest), std::min(until, shorter)};
}

}  // namespace

std::string program_in_words(const v1::SocketOwner& owner) {
  return owner.program().empty() ? "a process that could not be seen"
                                 : printable(owner.program(), kLongestName);
}

std::string what_to_do(const v1::SocketOwner& owner) {
  const std::string_view how = how_to_renew(owner.program());
  if (!owner.unit().empty()) {
    return fmt::format("{} {}", how, printable(owner.unit(), kLongestName));
  }
  if (!owner.container().empty()) {
    return fmt::format("{} it in its container {}", how, printable(owner.container(), 12));
  }
  if (owner.program().empty()) return "have it load what is on disk";
  return fmt::format("{} {}, which belongs to no unit", how,
                     printable(owner.program(), kLongestName));
}

Words renewed_in_words(const v1::CertificateFile& renewed, const v1::Certificate& served,
                       const v1::SocketOwner& owner, TimePoint now) {
  Words words{.text = printable(renewed.path(), kLongestPath), .change_at = TimePoint::max()};
  if (renewed.has_modified_at()) {
    const Age age = describe_age(from_proto(renewed.modified_at()), now);
    words.text += fmt::format(" renewed {} ago, ", shortened(age.words));
    words.change_at = age.changes_at;
  } else {
    words.text += " was renewed, ";
  }
  words.text += fmt::format("{} still serves the old one", program_in_words(owner));
  if (served.has_not_after()) {
    const TimePoint ends = from_proto(served.not_after());
    const bool has_ended = now >= ends;
    const Age age = has_ended ? describe_age(ends, now) : describe_rest(ends, now);
    words.text += has_ended ? fmt::format(", which ended {} ago", shortened(age.words))
                            : fmt::format(", which ends in {}", shortened(age.words));
    words.change_at = std::min(words.change_at, age.changes_at);
  }
  words.text += fmt::format(": {}", what_to_do(owner));
  return words;
}

}  // namespace muster::policy

#include "collector/expiry/expiry_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <vector>

#include "collector/expiry/expiry_kind.h"
#include "common/counted.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kLongest = 1024;

bool has_row(v1::ExpiryKind kind) {
  return kind > v1::EXPIRY_KIND_UNSPECIFIED && kind <= v1::EXPIRY_KIND_BY_HAND;
}

}  // namespace

std::string expiry_place(const v1::ExpiryEntry& entry) {
  const std::string name = printable(entry.host(), kLongest);
  const std::string place =
      entry.target().empty() ? name : "the target " + printable(entry.target(), kLongest);
  return entry.more_hosts() == 0 ? place : fmt::format("{} and {} more", place, entry.more_hosts());
}

std::string expiry_summary(const v1::ExpiryEntry& entry) {
  const std::string place = entry.host().empty() ? "" : " on " + expiry_place(entry);
  const bool is_by_hand = entry.kind() == v1::EXPIRY_KIND_BY_HAND;
  const std::string words = is_by_hand ? printable(entry.kind_name(), kLongest) + " ends"
                            : has_row(entry.kind())
                                ? std::string(expiry_kind_row(entry.kind()).words)
                                : "ends";
  return fmt::format("{}{}: {}", printable(entry.subject(), kLongest), place, words);
}

std::string expiry_labels(const v1::ExpiryEntry& entry) {
  std::map<std::string, std::string> labels(entry.labels().begin(), entry.labels().end());
  std::vector<std::string> words;
  for (const auto& [name, value] : labels)
    words.push_back(printable(fmt::format("{}={}", name, value), kLongest));
  return fmt::format("{}", fmt::join(words, " "));
}

std::string expiry_description(const v1::ExpiryEntry& entry) {
  std::string text = fmt::format("Ends at {}", to_iso8601(from_proto(entry.ends_at())));
  if (entry.by_hand()) text += ", as somebody wrote down by hand";
  if (!entry.owner().empty()) text += "\nOwner: " + printable(entry.owner(), kLongest);
  if (const std::string place = expiry_place(entry); !place.empty()) text += "\nWhere: " + place;
  if (!entry.detail().empty()) text += "\n" + printable(entry.detail(), kLongest);
  if (!entry.labels().empty()) text += "\nLabels: " + expiry_labels(entry);
  if (entry.has_observed_at()) {
    text += "\nLast seen so at " + to_iso8601(from_proto(entry.observed_at()));
  }
  return text;
}

std::string omitted_in_words(uint64_t omitted) {
  return fmt::format("{} left out here: there are too many; ask for fewer kinds, or for one owner",
                     counted(omitted, "more end"));
}

std::string without_end_in_words(uint64_t without_end) {
  return fmt::format("{} should have an end, and none is known",
                     counted(without_end, "other thing"));
}

}  // namespace muster::collector

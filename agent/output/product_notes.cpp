#include "agent/output/product_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "agent/output/unmet_subjects.h"
#include "common/text.h"
#include "muster/v1/protection_facts.pb.h"

namespace muster::agent {
namespace {

// Of one product.
constexpr size_t kShownParts = 6;
constexpr size_t kLongestName = 64;

std::string name_of(const v1::ProtectionProduct& product) {
  return printable(product.name().empty() ? product.product() : product.name(), kLongestName);
}

// "last update tried", of last_update_tried_at.
std::string words_of_fact(std::string_view fact) {
  constexpr std::string_view kAt = "_at";
  if (fact.ends_with(kAt)) fact.remove_suffix(kAt.size());
  std::string words = printable(fact, kLongestName);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string complaints_of(const v1::ProtectionProduct& product,
                          std::span<const v1::Verdict> verdicts) {
  std::vector<std::string> complaints;
  for (const std::string& complaint : product.complaints()) {
    if (!complaint.empty() && !is_said(complaint, verdicts)) complaints.push_back(complaint);
  }
  if (complaints.empty()) return {};
  const size_t shown = std::min(complaints.size(), kShownParts);
  std::string more;
  if (shown < complaints.size()) more = fmt::format("; and {} more", complaints.size() - shown);
  complaints.resize(shown);
  return fmt::format("{} says: {}{}.", name_of(product), fmt::join(complaints, "; "), more);
}

// Facts that one reason keeps from being read, together.
struct Unread {
  std::string reason;
  std::vector<std::string> facts = {};
};

std::string unread_of(const v1::ProtectionProduct& product, std::span<const v1::Verdict> verdicts) {
  std::vector<Unread> groups;
  for (const v1::UnreadFact& unread : product.unread()) {
    if (unread.reason().empty() || is_said(unread.reason(), verdicts)) continue;
    auto group = std::find_if(groups.begin(), groups.end(), [&unread](const Unread& known) {
      return known.reason == unread.reason();
    });
    if (group == groups.end()) group = groups.insert(group, {.reason = unread.reason()});
    group->facts.push_back(words_of_fact(unread.fact()));
  }
  std::vector<std::string> parts;
  for (const Unread& group : groups) {
    if (parts.size() == kShownParts) break;
    parts.push_back(fmt::format("{} ({})", join_some(group.facts, kShownParts), group.reason));
  }
  if (parts.empty()) return {};
  return fmt::format("Of {} could not be read: {}{}.", name_of(product), fmt::join(parts, "; "),
                     parts.size() < groups.size() ? "; and more" : "");
}

template <typename Facts>
void add_products(const SectionState& section, std::span<const v1::Verdict> verdicts,
                  std::vector<std::string>& notes) {
  Facts facts;
  if (section.facts_type != facts.GetTypeName() || !facts.ParseFromString(section.facts)) return;
  for (const v1::ProtectionProduct& product : facts.products()) {
    for (const std::string& note :
         {complaints_of(product, verdicts), unread_of(product, verdicts)}) {
      if (!note.empty()) notes.push_back(note);
    }
  }
}

}  // namespace

std::vector<std::string> product_notes(std::span<const SectionState> sections,
                                       std::span<const v1::Verdict> verdicts) {
  std::vector<std::string> notes;
  for (const SectionState& section : sections) {
    add_products<v1::AntivirusFacts>(section, verdicts, notes);
    add_products<v1::IntrusionDetectionFacts>(section, verdicts, notes);
  }
  return notes;
}

}  // namespace muster::agent

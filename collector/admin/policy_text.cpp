#include "collector/admin/policy_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "collector/admin/paragraphs.h"
#include "common/counted.h"
#include "common/policy/status.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr int kHostsShown = 3;
constexpr int kSelectorsShown = 20;

// ": web1, web2 (9 more)".
std::string names_of(const v1::PolicyChange& change) {
  std::string names;
  const int shown = std::min(change.hosts_size(), kHostsShown);
  for (int i = 0; i < shown; ++i)
    names += (i == 0 ? ": " : ", ") + change.hosts(i).host();
  const size_t more = change.host_count() - static_cast<size_t>(shown);
  return more == 0 ? names : fmt::format("{} ({} more)", names, more);
}

void tell_change(const v1::PolicyChange& change, Paragraphs& text) {
  text.paragraph(fmt::format("{} {} -> {}{}", counted(change.host_count(), "host"),
                             policy::status_name(change.before()),
                             policy::status_name(change.after()), names_of(change)),
                 2);
  if (change.hosts().empty() || change.hosts(0).summary().empty()) return;
  text.paragraph(fmt::format("{}: {}", change.hosts(0).host(), change.hosts(0).summary()), 4);
}

}  // namespace

std::string preview_text(const v1::PolicyPreview& preview, TimePoint now,
                         const TerminalStyle& style) {
  Paragraphs text(style);
  const TimePoint at = from_proto(preview.at());
  const std::string time = at > now ? " at " + to_iso8601(at) : "";
  size_t verdicts = 0;
  std::vector<std::string> controls;
  for (const v1::PolicyChange& change : preview.changes()) {
    verdicts += change.host_count();
    if (std::find(controls.begin(), controls.end(), change.control()) == controls.end()) {
      controls.push_back(change.control());
    }
  }
  if (verdicts == 0) {
    text.paragraph(fmt::format("On the fleet of {}, no verdict would change{}.",
                               counted(preview.hosts(), "host"), time));
  } else {
    text.paragraph(
        fmt::format("On the fleet of {}, {} would change{}:", counted(preview.hosts(), "host"),
                    counted(verdicts, "verdict"), time));
  }
  for (const std::string& control : controls) {
    text.heading(control);
    for (const v1::PolicyChange& change : preview.changes()) {
      if (change.control() == control) tell_change(change, text);
    }
  }
  const std::string empty = empty_selectors_text(preview, style);
  return text.take() + (empty.empty() ? "" : "\n" + empty);
}

std::string empty_selectors_text(const v1::PolicyPreview& preview, const TerminalStyle& style) {
  if (preview.selectors_without_hosts().empty()) return {};
  Paragraphs text(style);
  text.heading("Selectors that select no host of the fleet");
  const int shown = std::min(preview.selectors_without_hosts_size(), kSelectorsShown);
  for (int i = 0; i < shown; ++i) {
    const v1::EmptySelection& empty = preview.selectors_without_hosts(i);
    text.paragraph(fmt::format("{}: {}", empty.place(), empty.of()), 2);
  }
  if (preview.selectors_without_hosts_size() > shown) {
    text.paragraph(fmt::format("and {} more", preview.selectors_without_hosts_size() - shown), 2);
  }
  text.paragraph(
      "A reload refuses them: correct them, or say `may_be_empty: true` where it is meant so.", 2);
  return text.take();
}

std::string differences_text(
    const google::protobuf::RepeatedPtrField<v1::PolicyDifference>& differences,
    const TerminalStyle& style) {
  if (differences.empty()) return "The policies say the same.\n";
  Paragraphs text(style);
  for (const v1::PolicyDifference& difference : differences) {
    const char* const sign = difference.kind() == v1::PolicyDifference::KIND_ADDED     ? "+"
                             : difference.kind() == v1::PolicyDifference::KIND_REMOVED ? "-"
                                                                                       : "~";
    text.paragraph(fmt::format("{} {}", sign, difference.of()));
    for (const std::string& detail : difference.details())
      text.paragraph(detail, 4);
  }
  return text.take();
}

}  // namespace muster::collector

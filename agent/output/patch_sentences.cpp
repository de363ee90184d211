#include "agent/output/patch_sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent/output/unmet_subjects.h"
#include "common/counted.h"
#include "common/duration.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

constexpr size_t kShownServices = 3;
// Times in a verdict are exact, those in the memory are whole seconds.
constexpr Duration kJustNow = std::chrono::seconds(2);

std::string age_of_updates(const std::vector<const v1::SubjectVerdict*>& updates,
                           bool ages_are_known, TimePoint now) {
  if (!ages_are_known) return "age unknown";
  TimePoint oldest = now;
  for (const v1::SubjectVerdict* update : updates) {
    if (update->has_first_failed_at()) {
      oldest = std::min(oldest, from_proto(update->first_failed_at()));
    }
  }
  if (now - oldest < kJustNow) return "first seen now";
  return fmt::format("{}pending {}", updates.size() == 1 ? "" : "the oldest ",
                     describe_duration(now - oldest));
}

// "nginx.service runs a replaced libssl.so.3: restart it", of a few services.
std::vector<std::string> services_in_words(std::span<const v1::Verdict> verdicts) {
  const auto services = unmet_of(verdicts, "services_restarted");
  std::vector<std::string> words;
  for (const v1::SubjectVerdict* service : services) {
    if (words.size() == kShownServices) break;
    words.push_back(
        printable(fmt::format("{} {}", service->subject(), service->reason()), kShownReason));
  }
  if (services.size() > words.size()) {
    const size_t more = services.size() - words.size();
    words.push_back(fmt::format("{} {} replaced files", counted(more, "more service"),
                                more == 1 ? "runs" : "run"));
  }
  return words;
}

// "kernel: 6.1.0-27-amd64 runs, 6.1.0-28-amd64 is installed: reboot"; empty: nothing asks for one.
std::string reboot_in_words(std::span<const v1::Verdict> verdicts) {
  std::vector<std::string> words;
  for (const v1::SubjectVerdict* reason : unmet_of(verdicts, "reboot_done"))
    words.push_back(
        printable(fmt::format("{}: {}", reason->subject(), reason->reason()), kShownReason));
  return words.empty() ? std::string() : fmt::format("{}: reboot", fmt::join(words, "; "));
}

}  // namespace

std::vector<std::string> patch_sentences(std::span<const v1::Verdict> verdicts, bool ages_are_known,
                                         TimePoint now) {
  std::vector<std::string> parts = services_in_words(verdicts);
  const auto updates = unmet_of(verdicts, "security_updates");
  if (!updates.empty()) {
    parts.insert(parts.begin(), fmt::format("{}, {}", counted(updates.size(), "security update"),
                                            age_of_updates(updates, ages_are_known, now)));
  }
  std::vector<std::string> sentences;
  // A unit's name is written as it is.
  if (!parts.empty()) sentences.push_back(fmt::format("{}.", fmt::join(parts, "; ")));
  if (std::string reboot = reboot_in_words(verdicts); !reboot.empty()) {
    sentences.push_back(sentence(std::move(reboot)));
  }
  for (const v1::SubjectVerdict* system : unmet_of(verdicts, "system_supported"))
    sentences.push_back(sentence(printable(system->reason(), kShownReason)));
  return sentences;
}

}  // namespace muster::agent

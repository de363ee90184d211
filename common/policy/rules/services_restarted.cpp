// services_restarted: nothing still runs files that were replaced or removed since it was started:
// an update of a library helps a service only once that is restarted. A subject for each unit,
// container or program.
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/restart_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kFilesInReason = 3;
constexpr size_t kServicesInSummary = 3;
// A subject of its own and not the host: what is seen is judged, and forgotten once it is
// restarted, also where some processes are never seen.
constexpr std::string_view kOthers = "other processes";

// "nginx.service", "web (nginx.service)" of a container, "sshd" of what no unit started.
std::string subject_of(const v1::StaleService& service) {
  std::string own = printable(service.unit(), 256);
  if (own.empty() && service.container().empty()) {
    own = service.programs().empty() ? "a process" : printable(service.programs(0), 256);
  }
  if (service.container().empty()) return own;
  const std::string container = printable(service.container(), 256);
  return own.empty() ? container : fmt::format("{} ({})", container, own);
}

// The file without its directory: "libssl.so.3".
std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string files_of(const v1::StaleService& service) {
  FewTexts names(kFilesInReason);
  for (const std::string& file : service.files())
    names.add(name_of(file));
  return names.empty() ? "files that were replaced" : "a replaced " + names.joined();
}

std::string reason_of(const v1::StaleService& service) {
  std::string reason = "runs " + files_of(service);
  if (service.has_started_at()) {
    reason += fmt::format(", started on {}", to_iso_date(from_proto(service.started_at())));
  }
  return reason + ": restart it";
}

void add_blind_spots(const v1::RestartFacts& facts, TimePoint holds_until, RuleOutput& output) {
  std::vector<std::string> reasons;
  const auto listed = static_cast<uint32_t>(facts.stale_services_size());
  if (facts.stale_service_count() > listed) {
    reasons.push_back(
        fmt::format("{} more are beyond the probe's limit", facts.stale_service_count() - listed));
  }
  for (const std::string& problem : facts.problems()) {
    // What concerns no process names the file that it is about: reboot_done has those.
    if (problem.starts_with('/')) continue;
    reasons.push_back(fmt::format("not everything could be read: {}", printable(problem, 300)));
  }
  if (reasons.empty() && facts.processes_unreadable() > 0) {
    reasons.push_back(fmt::format("what {} of {} processes run could not be read",
                                  facts.processes_unreadable(),
                                  uint64_t{facts.processes()} + facts.processes_unreadable()));
  }
  if (facts.processes_mounts_unseen() > 0) {
    // Above nine it is the first digit and zeros.
    const uint32_t count = facts.processes_mounts_unseen();
    reasons.push_back(fmt::format(
        "of {} it is not known whether something was mounted over what they run: there are more "
        "mount namespaces than the probe looks into",
        count == 1 ? "one process" : fmt::format("at least {} processes", count)));
  }
  for (std::string& reason : reasons) {
    output.judgements.push_back({.subject = std::string(kOthers),
                                 .kind = Kind::kUnknown,
                                 .reason = std::move(reason),
                                 .holds_until = holds_until});
  }
}

}  // namespace

RuleOutput judge_services_restarted(const RuleInput& input) {
  RuleOutput output;
  const auto restart = read_one_section<v1::RestartFacts>(input, kRestartProbe, output);
  if (restart.facts == nullptr) return output;
  std::vector<std::string> names;
  for (const v1::StaleService& service : restart.facts->stale_services()) {
    names.push_back(subject_of(service));
    output.judgements.push_back({.subject = names.back(),
                                 .kind = Kind::kUnmet,
                                 .reason = reason_of(service),
                                 .holds_until = restart.holds_until});
  }
  if (names.size() == 1) {
    output.summary = fmt::format("{} {}", names.front(), output.judgements.front().reason);
  } else if (names.size() > 1) {
    output.summary = fmt::format("{} services run files that were replaced: {}", names.size(),
                                 join_some(names, kServicesInSummary));
  }
  add_blind_spots(*restart.facts, restart.holds_until, output);
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Kind::kMet,
                                 .reason = "nothing runs files that were replaced",
                                 .holds_until = restart.holds_until});
  }
  return output;
}

}  // namespace muster::policy

#include "common/exposition/restart_metrics.h"

#include <algorithm>
#include <string_view>

#include "common/exposition/host_families.h"
#include "common/exposition/section_facts.h"
#include "common/policy/running_kernel.h"

namespace muster::exposition {
namespace {

void add_reason(SampleWriter& writer, std::string_view reason, bool is_pending) {
  writer.add(kRebootPending, {{"reason", reason}}, is_pending ? 1 : 0);
}

enum class Problem { kOfHost, kOfProcesses };

// As restart_facts.proto tells them apart.
bool has_problem(const v1::RestartFacts& facts, Problem kind) {
  return std::any_of(facts.problems().begin(), facts.problems().end(),
                     [kind](const std::string& problem) {
                       return problem.starts_with('/') == (kind == Problem::kOfHost);
                     });
}

void add_stale_services(SampleWriter& writer, const v1::RestartFacts& facts) {
  const uint32_t count =
      std::max(facts.stale_service_count(), static_cast<uint32_t>(facts.stale_services_size()));
  const bool all_seen = facts.processes_unreadable() == 0 && facts.processes_mounts_unseen() == 0 &&
                        !has_problem(facts, Problem::kOfProcesses);
  // "None" is said only where all processes were looked at.
  if (count > 0 || all_seen) writer.add(kStaleServices, {}, count);
}

}  // namespace

InstalledKernels::InstalledKernels(std::span<const SectionState* const> sections) {
  for (const SectionState* section : sections) {
    if (section->facts_type != v1::PackageFacts::descriptor()->full_name()) continue;
    policy::PackageFactsView view;
    if (!policy::read_facts(section->facts, view)) continue;
    kernels_.insert(kernels_.end(), view.kernels.begin(), view.kernels.end());
    views_.push_back(std::move(view));
  }
}

void add_restart(SampleWriter& writer, const v1::RestartFacts& facts,
                 const InstalledKernels& installed) {
  using Kind = policy::Judgement::Kind;
  const Kind kernel = policy::judge_running_kernel(facts.kernel(), installed.all()).kind;
  if (kernel == Kind::kMet || kernel == Kind::kUnmet) {
    add_reason(writer, "kernel", kernel == Kind::kUnmet);
  }
  const v1::RestartState microcode = facts.microcode().state();
  if (microcode == v1::RESTART_STATE_CURRENT || microcode == v1::RESTART_STATE_PENDING) {
    add_reason(writer, "microcode", microcode == v1::RESTART_STATE_PENDING);
  }
  const bool is_requested = !facts.reboot_requests().empty();
  if (is_requested || !has_problem(facts, Problem::kOfHost)) {
    add_reason(writer, "requested", is_requested);
  }
  const bool has_replaced = !facts.replaced_since_boot().empty();
  if (has_replaced || facts.replaced_since_boot_looked_at()) {
    add_reason(writer, "libraries", has_replaced);
  }
  add_stale_services(writer, facts);
}

void add_lifecycle(SampleWriter& writer, const v1::LifecycleFacts& facts) {
  for (const v1::SupportPeriod& period : facts.periods()) {
    const bool is_had = period.coverage() == v1::SUPPORT_COVERAGE_INCLUDED ||
                        period.coverage() == v1::SUPPORT_COVERAGE_ENABLED;
    if (!is_had || !period.has_ends_at()) continue;
    writer.add(kSupportEnd, {{"component", period.component()}, {"programme", period.programme()}},
               unix_seconds(period.ends_at()));
  }
}

}  // namespace muster::exposition

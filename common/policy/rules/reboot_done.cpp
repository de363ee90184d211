// reboot_done: what only a restart of the host brings into use runs: the newest installed kernel of
// the running one's flavour, the microcode, core libraries, and nobody asks for a reboot. The probe
// restart tells what runs, the package managers which kernels are installed. A live patch mends the
// kernel in memory and does not start the newer one: it is named, and the restart still waits.
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/rules/package_sections.h"
#include "common/policy/running_kernel.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/restart_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;
using Names = google::protobuf::RepeatedPtrField<std::string>;

constexpr size_t kNamesInReason = 5;

std::string some_of(const Names& names) {
  FewTexts shown(kNamesInReason);
  for (const std::string& name : names)
    shown.add(name);
  return shown.joined();
}

class RebootJudge {
 public:
  RebootJudge(const RuleInput& input, RuleOutput& output) : input_(input), output_(output) {}

  void judge(const v1::RestartFacts& facts, TimePoint holds_until) {
    holds_until_ = holds_until;
    judge_kernel(facts.kernel());
    judge_microcode(facts);
    if (facts.replaced_since_boot_size() > 0) {
      add("libraries", Kind::kUnmet,
          "replaced since the boot: " + some_of(facts.replaced_since_boot()));
    }
    for (const v1::RebootRequest& request : facts.reboot_requests())
      judge_request(request);
    for (const std::string& problem : facts.problems()) {
      // Those that name no file are about processes: services_restarted has them.
      if (!problem.starts_with('/')) continue;
      add("", Kind::kUnknown,
          fmt::format("not everything could be read: {}", printable(problem, 300)));
    }
  }

  std::string summary() const {
    if (waiting_.empty()) return {};
    return "a reboot waits for: " + join_some(waiting_, kNamesInReason);
  }

 private:
  void add(std::string subject, Kind kind, std::string reason) {
    if (kind == Kind::kUnmet) waiting_.push_back(fmt::format("{} ({})", subject, reason));
    output_.judgements.push_back({.subject = std::move(subject),
                                  .kind = kind,
                                  .reason = std::move(reason),
                                  .holds_until = holds_until_});
  }

  void judge_kernel(const v1::RunningKernel& running) {
    std::vector<InstalledKernelView> installed;
    // What kept a package manager from telling.
    std::string obstacle;
    if (running.state() != v1::RESTART_STATE_NOT_APPLICABLE) {
      const RuleOutput managers = judge_package_managers(
          input_, [this, &installed](const PackageFactsView& facts, const std::string& /*manager*/,
                                     TimePoint holds_until, RuleOutput& /*output*/) {
            holds_until_ = std::min(holds_until_, holds_until);
            installed.insert(installed.end(), facts.kernels.begin(), facts.kernels.end());
          });
      output_.probes.insert(output_.probes.end(), managers.probes.begin(), managers.probes.end());
      for (const Judgement& judgement : managers.judgements) {
        holds_until_ = std::min(holds_until_, judgement.holds_until);
        if (judgement.kind == Kind::kUnknown && obstacle.empty()) obstacle = judgement.reason;
      }
    }
    Judgement judgement = judge_running_kernel(running, installed);
    if (judgement.kind == Kind::kUnknown && !obstacle.empty()) judgement.reason += "; " + obstacle;
    add("kernel", judgement.kind, std::move(judgement.reason));
  }

  void judge_microcode(const v1::RestartFacts& facts) {
    const v1::Microcode& microcode = facts.microcode();
    std::string reason = printable(microcode.reason(), 300);
    switch (microcode.state()) {
      case v1::RESTART_STATE_CURRENT:
        return add("microcode", Kind::kMet, reason.empty() ? "it is current" : std::move(reason));
      case v1::RESTART_STATE_PENDING:
        return add("microcode", Kind::kUnmet,
                   fmt::format("revision {:#x} runs, {:#x} is installed",
                               microcode.running_revision(), microcode.available_revision()));
      case v1::RESTART_STATE_NOT_APPLICABLE:
        return add("microcode", Kind::kNotApplicable,
                   reason.empty() ? "there is none to load here" : std::move(reason));
      default:
        return add("microcode", Kind::kUnknown,
                   reason.empty() ? "it could not be told" : std::move(reason));
    }
  }

  void judge_request(const v1::RebootRequest& request) {
    std::string reason = "it asks for a reboot";
    if (request.packages_size() > 0) {
      reason = fmt::format("asked for by {}", some_of(request.packages()));
    }
    if (request.has_requested_at()) {
      reason += fmt::format(", on {}", to_iso_date(from_proto(request.requested_at())));
    }
    add(request.source().empty() ? "request" : printable(request.source(), 256), Kind::kUnmet,
        std::move(reason));
  }

  const RuleInput& input_;
  RuleOutput& output_;
  TimePoint holds_until_ = TimePoint::max();
  std::vector<std::string> waiting_;
};

}  // namespace

RuleOutput judge_reboot_done(const RuleInput& input) {
  RuleOutput output;
  const auto restart = read_one_section<v1::RestartFacts>(input, kRestartProbe, output);
  if (restart.facts == nullptr) return output;
  RebootJudge judge(input, output);
  judge.judge(*restart.facts, restart.holds_until);
  output.summary = judge.summary();
  return output;
}

}  // namespace muster::policy

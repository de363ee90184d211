#include "agent/output/target_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <span>
#include <utility>

#include "agent/launcher/launcher.h"
#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher/probe_runner.h"
#include "agent/looking/probe_list.h"
#include "agent/output/target_report.h"
#include "common/counted.h"
#include "common/targets/target_kinds.h"
#include "common/targets/target_texts.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// As agent.yml has it that says nothing.
constexpr int kLooksPerSecond = 100;
constexpr int kLooksPerAddressPerSecond = 5;
// Looks that begin within so long go into one run; the next begins when that has ended.
constexpr Duration kRunTakes = 15s;

const ProbeRow* row_of(std::string_view kind) {
  const TargetKind* const known = find_target_kind(kind);
  for (const ProbeRow& row : all_probes()) {
    if (known != nullptr && row.name == known->probe) return &row;
  }
  return nullptr;
}

std::string_view host_of(std::string_view address) {
  return address.substr(0, address.rfind(':'));
}

// Looks at targets of one kind, one run after the other.
class Looker {
 public:
  Looker(ProbeRunner& runner, const Clock& clock, const ProbeRow& row,
         std::span<LookedAtTarget* const> targets, std::function<void()> done)
      : runner_(runner), clock_(clock), row_(row), targets_(targets), done_(std::move(done)) {}

  void next() {
    if (targets_.empty()) return done_();
    const Duration now = clock_.uptime();
    v1::TargetBatch batch;
    std::map<std::string_view, int> of_host;
    awaited_.clear();
    for (LookedAtTarget* const one : targets_) {
      const Target& target = one->target;
      const Duration after =
          std::max(Duration(1s) * batch.looks_size() / kLooksPerSecond,
                   Duration(1s) * of_host[host_of(target.address)]++ / kLooksPerAddressPerSecond);
      if (after >= kRunTakes) break;
      v1::TargetLook& look = *batch.add_looks();
      look.set_entity(target.name);
      look.set_address(target.address);
      look.set_timeout_milliseconds(static_cast<uint32_t>(target.timeout / 1ms));
      look.set_start_nanoseconds(nanoseconds(now + after).count());
      awaited_[target.name] = one;
    }
    targets_ = targets_.subspan(static_cast<size_t>(batch.looks_size()));
    runner_.look_at(
        row_, row_.timeout, batch,
        [this](v1::Section section) {
          const auto found = awaited_.find(section.entity());
          if (found == awaited_.end()) return;
          apply_look(found->second->section, std::move(section), clock_.now());
          awaited_.erase(found);
        },
        [this](const std::string& why) {
          for (const auto& [name, one] : awaited_) {
            v1::Section section;
            section.set_outcome(v1::OUTCOME_FAILED);
            section.set_reason(why.empty() ? "its probe gave no answer for it" : why);
            apply_look(one->section, std::move(section), clock_.now());
          }
          next();
        });
  }

 private:
  ProbeRunner& runner_;
  const Clock& clock_;
  const ProbeRow& row_;
  std::span<LookedAtTarget* const> targets_;
  std::function<void()> done_;
  std::map<std::string, LookedAtTarget*, std::less<>> awaited_;
};

// Whoever names lists by hand wants something to be looked at.
absl::StatusOr<std::vector<Target>> read_targets(std::span<const std::string> patterns) {
  const absl::StatusOr<TargetTexts> read = read_target_texts(patterns);
  if (!read.ok()) return read.status();
  if (!read->empty_globs.empty()) {
    return absl::NotFoundError(fmt::format("no file is there: {}", read->empty_globs.front()));
  }
  absl::StatusOr<std::vector<Target>> targets = parse_target_texts(read->texts);
  if (!targets.ok() || !targets->empty()) return targets;
  const std::string lists =
      read->texts.size() == 1 ? read->texts.front().name : counted(read->texts.size(), "file");
  return absl::InvalidArgumentError(
      fmt::format("{}: there is no target to look at, as in targets: [{{kind: tcp, address: "
                  "\"a.example.org:443\"}}]",
                  lists));
}

}  // namespace

std::vector<LookedAtTarget> look_once_at(const std::vector<Target>& targets,
                                         const CheckOptions& options, const Clock& clock) {
  std::vector<LookedAtTarget> looked_at;
  for (const Target& target : targets)
    looked_at.push_back({.target = target, .section = {}});
  std::map<const ProbeRow*, std::vector<LookedAtTarget*>> by_row;
  for (LookedAtTarget& one : looked_at) {
    const ProbeRow* const row = row_of(one.target.kind);
    one.section.entity = one.target.name;
    if (row == nullptr) continue;
    one.section.probe = std::string(row->name);
    by_row[row].push_back(&one);
  }
  boost::asio::io_context context(1);
  Launcher launcher(context,
                    {.connect = options.connect_launcher, .table = table_digest(all_probes())});
  ProbeRunner runner(launcher, clock, options.probe_directory);
  size_t waiting = by_row.size();
  std::vector<std::unique_ptr<Looker>> lookers;
  for (const auto& [row, of_row] : by_row) {
    lookers.push_back(std::make_unique<Looker>(runner, clock, *row, of_row, [&waiting, &launcher] {
      if (--waiting == 0) launcher.stop();
    }));
  }
  for (const std::unique_ptr<Looker>& looker : lookers)
    looker->next();
  context.run();
  return looked_at;
}

absl::StatusOr<CheckReport> check_targets(std::span<const std::string> patterns,
                                          const CheckOptions& options, const Clock& clock) {
  const absl::StatusOr<std::vector<Target>> targets = read_targets(patterns);
  if (!targets.ok()) return targets.status();
  return report_targets(look_once_at(*targets, options, clock), options);
}

}  // namespace muster::agent

#include "agent/targets/target_looks.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "agent/looking/probe_list.h"
#include "agent/targets/probe_memory.h"
#include "common/targets/target_kinds.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// A batch is handed over so long before its first look: what starting a probe takes at most.
constexpr Duration kAhead = 1s;
// However rarely agent.yml lets a probe be started: the end of a lease must not be too far ahead.
constexpr Duration kLongestWindow = 1min;
// For a probe to end by itself behind its last look.
constexpr Duration kEndTakes = 5s;

// In which looks are planned at a time.
Duration window_of(const ProbeConfig& config) {
  return std::min(config.interval, kLongestWindow);
}

}  // namespace

struct TargetLooks::Row {
  Row(boost::asio::io_context& context, const ProbeRow& probe, size_t place)
      : row(probe), index(place), timer(context), memory(probe.name) {}

  const ProbeRow& row;
  // In the list of probes.
  const size_t index;
  boost::asio::steady_timer timer;
  TargetBatches batches;
  // Of a row that keeps one.
  ProbeMemory memory;
  std::set<std::shared_ptr<Run>> runs;
  // Up to where looks were planned, in uptime.
  Duration planned_until{0};
  // Whether the timer has it plan again.
  bool ticks = false;
};

// What a run has not answered yet.
struct TargetLooks::Run {
  // The runner's number for it.
  uint64_t id = 0;
  // What it gives from here on is not wanted.
  bool given_up = false;
  // When it begins, and the end of its lease.
  struct Awaited {
    Duration begin{0};
    Duration lease_end = kNever;
  };
  std::multimap<std::string, Awaited, std::less<>> awaited;
};

TargetLooks::TargetLooks(boost::asio::io_context& context, ProbeRunner& runner, const Clock& clock,
                         Taken taken, std::span<const ProbeRow> rows)
    : context_(context), runner_(runner), clock_(clock), taken_(std::move(taken)) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (looks_at_targets(rows[i])) rows_.push_back(std::make_unique<Row>(context, rows[i], i));
  }
}

TargetLooks::~TargetLooks() = default;

void TargetLooks::start(const Config& config) {
  config_ = config;
  own_.set(own_targets(config));
  LookAllowance::Rates rates{.per_second = config.looks_per_second,
                             .per_host_per_second = config.looks_per_address_per_second};
  for (const std::unique_ptr<Row>& row : rows_)
    rates.window = std::max(rates.window, window_of(config.probes[row->index]));
  allowance_.set(rates);
  runs_ = true;
  for (const std::unique_ptr<Row>& row : rows_) {
    if (row->row.keeps_memory) row->memory.open(config.state_directory);
    row->timer.cancel();
    tick(*row);
  }
}

void TargetLooks::stop() {
  runs_ = false;
  for (const std::unique_ptr<Row>& row : rows_)
    row->timer.cancel();
}

void TargetLooks::hold(TargetSchedule::Targets targets, Duration end) {
  held_.set(std::move(targets));
  held_.set_end(end);
  for (const std::unique_ptr<Row>& row : rows_) {
    row->batches.forget_unless([this](const std::string& entity) {
      return held_.targets().contains(entity) || own_.targets().contains(entity);
    });
  }
}

void TargetLooks::give_up() {
  held_.forget_plans(clock_.uptime());
  own_.forget_plans(clock_.uptime());
  for (const std::unique_ptr<Row>& row : rows_) {
    for (const std::shared_ptr<Run>& run : row->runs) {
      run->given_up = true;
      runner_.give_up(run->id);
      for (const auto& [entity, look] : std::exchange(run->awaited, {})) {
        held_.forget_look(entity, look.begin);
        own_.forget_look(entity, look.begin);
      }
    }
  }
  allowance_.forget();
}

void TargetLooks::plan() {
  if (!runs_) return;
  for (const std::unique_ptr<Row>& row : rows_) {
    if (row->ticks) {
      plan(*row);
    } else {
      tick(*row);
    }
  }
}

void TargetLooks::tick(Row& row) {
  const Duration window = window_of(config_.probes[row.index]);
  row.planned_until = clock_.uptime() + window + kAhead;
  plan(row);
  // An agent without targets does not wake for them: plan() begins it again.
  row.ticks = !held_.targets().empty() || !own_.targets().empty();
  if (!row.ticks) return;
  row.timer.expires_after(window);
  row.timer.async_wait([this, &row](const boost::system::error_code& error) {
    if (!error && runs_) tick(row);
  });
}

void TargetLooks::plan(Row& row) {
  const ProbeConfig& config = config_.probes[row.index];
  const size_t room = kMostTargetRuns - row.runs.size();
  // Those that made a run fail have runs of their own.
  if (!config.enabled || room < (row.batches.any() ? 2 : 1)) return;
  const Duration now = clock_.uptime();
  GridClock own_clock;
  own_clock.set(clock_.now(), now);
  std::vector<PlannedLook> looks =
      own_.plan(row.row.name, own_clock, now, row.planned_until, kMostLooksInBatch, allowance_);
  std::vector<PlannedLook> held = held_.plan(row.row.name, collector_clock_, now, row.planned_until,
                                             kMostLooksInBatch - looks.size(), allowance_);
  std::move(held.begin(), held.end(), std::back_inserter(looks));
  for (const std::vector<PlannedLook>& batch : row.batches.divide(std::move(looks), room))
    launch(row, batch);
}

void TargetLooks::launch(Row& row, const std::vector<PlannedLook>& looks) {
  const auto run = std::make_shared<Run>();
  v1::TargetBatch batch;
  Duration last_begin{0};
  Duration longest{0};
  for (const PlannedLook& planned : looks) {
    v1::TargetLook& look = *batch.add_looks();
    look.set_entity(planned.entity);
    look.set_address(planned.address);
    look.set_timeout_milliseconds(static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(planned.timeout).count()));
    look.set_start_nanoseconds(nanoseconds(planned.begin).count());
    if (planned.end != kNever) look.set_end_nanoseconds(nanoseconds(planned.end).count());
    last_begin = std::max(last_begin, planned.begin);
    longest = std::max(longest, planned.timeout);
    run->awaited.emplace(planned.entity,
                         Run::Awaited{.begin = planned.begin, .lease_end = planned.end});
  }
  batch.set_memory(row.memory.bytes());
  // It may have to wait for its turn as long again as the window is.
  const Duration window = window_of(config_.probes[row.index]);
  const Duration timeout =
      std::max(last_begin - clock_.uptime(), Duration(0)) + window + longest + kEndTakes;
  row.runs.insert(run);
  run->id = runner_.look_at(
      row.row, timeout, batch,
      [this, &row, run](v1::Section section) {
        if (run->given_up) return;
        if (section.entity().empty()) return row.memory.keep(section);
        row.batches.answered(section.entity());
        const auto found = run->awaited.find(section.entity());
        if (found != run->awaited.end()) run->awaited.erase(found);
        give(std::move(section));
      },
      [this, &row, run](const std::string& why) { end(row, run, why); });
}

void TargetLooks::end(Row& row, const std::shared_ptr<Run>& run, const std::string& why) {
  row.runs.erase(run);
  if (run->given_up) {
    // Its room is wanted for what it was to look at.
    if (runs_) plan(row);
    return;
  }
  const Duration now = clock_.uptime();
  std::vector<std::string> failed;
  for (const auto& [entity, look] : run->awaited) {
    // Past the lease's end nobody looked, and it is nobody's fault.
    if (now >= look.lease_end) continue;
    if (!failed.empty() && failed.back() == entity) continue;
    failed.push_back(entity);
    v1::Section section;
    section.set_entity(entity);
    section.set_probe(std::string(row.row.name));
    section.set_outcome(v1::OUTCOME_FAILED);
    section.set_reason(
        why.empty() ? fmt::format("{} gave no answer for this target", row.row.program) : why);
    *section.mutable_observed_at() = to_proto(clock_.now());
    give(std::move(section));
  }
  if (!why.empty()) row.batches.failed(failed);
}

void TargetLooks::give(v1::Section section) {
  if (!runs_) return;
  pending_.push_back(std::move(section));
  if (pending_.size() > 1) return;
  boost::asio::post(context_, [this] {
    std::vector<v1::Section> sections = std::exchange(pending_, {});
    if (runs_) taken_(std::move(sections));
  });
}

TargetSchedule::Counts TargetLooks::counts() const {
  const TargetSchedule::Counts& held = held_.counts();
  const TargetSchedule::Counts& own = own_.counts();
  return {.looks = held.looks + own.looks,
          .late = held.late + own.late,
          .missed = held.missed + own.missed};
}

TargetSchedule::Targets own_targets(const Config& config) {
  TargetSchedule::Targets targets;
  for (const Target& own : config.own_targets) {
    const TargetKind* const kind = find_target_kind(own.kind);
    if (kind == nullptr) continue;
    std::string entity = "/" + own.name;
    targets[entity] = {.entity = entity,
                       .probe = std::string(kind->probe),
                       .address = own.address,
                       .interval = own.interval,
                       .timeout = own.timeout};
  }
  return targets;
}

}  // namespace muster::agent

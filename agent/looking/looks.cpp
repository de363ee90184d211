#include "agent/looking/looks.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

#include "agent/launcher/input_fingerprint.h"
#include "agent/looking/probe_list.h"
#include "agent/sync/backoff.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

// Between the starts of the first looks, so that they do not all want the processor at once.
constexpr Duration kSpread = 100ms;

}  // namespace

struct Looks::Row {
  Row(boost::asio::io_context& context, size_t probe)
      : index(probe), row(all_probes()[probe]), timer(context) {}

  // In the probe list, and so in the configuration's.
  const size_t index;
  const ProbeRow& row;
  boost::asio::steady_timer timer;
  ProbeConfig config;
  bool running = false;
  // The settings changed while it ran.
  bool look_again = false;
  // It is due, and others have to look first.
  bool waits = false;
  // The last look that ended: how, why, when.
  v1::ProbeStatus status;
  // What it read, and when its program ran; empty if it failed.
  std::string fingerprint;
  TimePoint ran_at;
};

Looks::Looks(boost::asio::io_context& context, ProbeRunner& runner, const Clock& clock,
             std::function<double()> random, Receiver receiver)
    : context_(context),
      runner_(runner),
      clock_(clock),
      random_(std::move(random)),
      receiver_(std::move(receiver)) {
  for (size_t i = 0; i < all_probes().size(); ++i) {
    if (looks_at_targets(all_probes()[i])) continue;
    rows_.push_back(std::make_unique<Row>(context_, i));
    rows_.back()->status.set_name(std::string(all_probes()[i].name));
  }
}

Looks::~Looks() = default;

void Looks::start(const Config& config) {
  Duration delay{0};
  for (const std::unique_ptr<Row>& owned : rows_) {
    Row& row = *owned;
    row.config = config.probes[row.index];
    row.fingerprint.clear();
    row.status.set_disabled(!row.config.enabled);
    row.timer.cancel();
    row.look_again = row.running;
    if (!row.config.enabled) continue;
    if (!row.running) schedule(row, delay);
    delay += kSpread;
  }
}

void Looks::stop() {
  for (const std::unique_ptr<Row>& row : rows_) {
    row->config.enabled = false;
    row->timer.cancel();
  }
}

void Looks::schedule(Row& row, Duration delay) {
  row.timer.expires_after(delay);
  row.timer.async_wait([this, &row](const boost::system::error_code& error) {
    if (!error) look(row);
  });
}

void Looks::look(Row& row) {
  // A timer that was cancelled too late.
  if (row.running || !row.config.enabled) return;
  std::string fingerprint;
  if (!row.row.inputs.empty()) {
    // The program counts as an input: another version may see more.
    const std::string program = runner_.program_of(row.row);
    std::vector<ProbeInput> inputs(row.row.inputs.begin(), row.row.inputs.end());
    inputs.push_back({program, ProbeInput::Kind::kFile});
    fingerprint = input_fingerprint("", inputs).value_or("");
    if (confirm(row, fingerprint)) {
      return schedule(row, with_jitter(row.config.interval, random_()));
    }
  }
  row.waits = !has_what_it_is_given(row);
  if (row.waits) return;
  row.running = true;
  const v1::GivenSections given = given_to(row);
  runner_.look(
      row.row, row.config.timeout,
      [this, &row, fingerprint](v1::Section section) {
        take(row, fingerprint, std::move(section));
      },
      row.row.given.empty() ? nullptr : &given);
}

bool Looks::has_what_it_is_given(const Row& row) const {
  const auto has_looked = [](const std::unique_ptr<Row>& other) {
    return !other->config.enabled || other->status.has_looked_at();
  };
  const auto is_given = [&row](const std::unique_ptr<Row>& other) {
    const auto& given = row.row.given;
    return other.get() != &row &&
           std::find(given.begin(), given.end(), other->row.name) != given.end();
  };
  return std::all_of(rows_.begin(), rows_.end(), [&](const std::unique_ptr<Row>& other) {
    return !is_given(other) || has_looked(other);
  });
}

// Only what was seen since the start: what a process before this one left is of another time.
v1::GivenSections Looks::given_to(const Row& row) const {
  v1::GivenSections given;
  given.set_look(runner_.counts_of(row.row.name).runs);
  for (const std::unique_ptr<Row>& other : rows_) {
    const auto& names = row.row.given;
    if (std::find(names.begin(), names.end(), other->row.name) == names.end() ||
        !other->status.has_looked_at() || !receiver_.held) {
      continue;
    }
    std::optional<v1::Section> section = receiver_.held(other->row.name);
    if (section) *given.add_sections() = *std::move(section);
  }
  return given;
}

bool Looks::confirm(Row& row, const std::string& fingerprint) {
  if (fingerprint.empty() || fingerprint != row.fingerprint) return false;
  const TimePoint now = clock_.now();
  // A clock that was set back proves nothing about age.
  if (now < row.ran_at || now - row.ran_at >= kConfirmedFor) return false;
  if (!receiver_.confirmed(row.row.name, now)) return false;
  runner_.count_confirmed(row.row);
  *row.status.mutable_looked_at() = to_proto(now);
  return true;
}

void Looks::take(Row& row, const std::string& fingerprint, v1::Section section) {
  row.running = false;
  row.status.set_outcome(section.outcome());
  row.status.set_reason(section.reason());
  *row.status.mutable_looked_at() = section.observed_at();
  const LookCounts counts = runner_.counts_of(row.row.name);
  row.status.set_duration_seconds(std::chrono::duration<double>(counts.last_duration).count());
  const bool look_again = std::exchange(row.look_again, false);
  // What was seen with other settings confirms nothing.
  const bool can_confirm = section.outcome() != v1::OUTCOME_FAILED && !look_again;
  row.fingerprint = can_confirm ? fingerprint : "";
  row.ran_at = clock_.now();
  if (row.config.enabled) {
    schedule(row, look_again ? Duration(0) : with_jitter(row.config.interval, random_()));
  }
  receiver_.taken(std::move(section));
  for (const std::unique_ptr<Row>& other : rows_) {
    if (other->waits && has_what_it_is_given(*other)) schedule(*other, Duration(0));
  }
}

bool Looks::all_have_looked() const {
  for (const std::unique_ptr<Row>& row : rows_) {
    const bool counts = row->config.enabled && row->row.given.empty();
    if (counts && !row->status.has_looked_at()) return false;
  }
  return true;
}

std::vector<v1::ProbeStatus> Looks::status() const {
  std::vector<v1::ProbeStatus> result;
  for (const std::unique_ptr<Row>& row : rows_)
    result.push_back(row->status);
  return result;
}

}  // namespace muster::agent

#include "common/failpoint.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

namespace muster::failpoint {
namespace {

enum class Kind { kNote, kKill, kError, kShort, kDelay };

struct Action {
  Kind kind = Kind::kNote;
  int error = 0;
  std::chrono::milliseconds delay{0};
};

struct Rule {
  size_t point = 0;
  std::string subject;
  // 0: at every passage.
  uint64_t number = 0;
  bool and_later = false;
  Action action;
  std::string action_text;
  uint64_t fitting = 0;

  bool fires() const { return number == 0 || fitting == number || (and_later && fitting > number); }
};

struct State {
  std::atomic<bool> armed = false;
  std::mutex mutex;
  // Below: guarded by mutex, a leaf.
  std::vector<Rule> rules;
  std::string log;
  std::array<uint64_t, kNames.size()> passages{};
  std::array<uint64_t, kNames.size()> firings{};
};

State& state() {
  static State only;
  return only;
}

constexpr std::array<std::pair<std::string_view, int>, 5> kErrors = {
    {{"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EIO", EIO}, {"EROFS", EROFS}, {"EACCES", EACCES}}};

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Action> parse_action(std::string_view text) {
  if (text == "note") return Action{};
  if (text == "kill") return Action{.kind = Kind::kKill};
  if (text == "short") return Action{.kind = Kind::kShort};
  for (const auto& [name, error] : kErrors) {
    if (text == name) return Action{.kind = Kind::kError, .error = error};
  }
  constexpr std::string_view kDelay = "delay:";
  if (!text.starts_with(kDelay)) return std::nullopt;
  const std::optional<uint64_t> milliseconds = parse_number(text.substr(kDelay.size()));
  if (!milliseconds || *milliseconds > 60'000) return std::nullopt;
  return Action{.kind = Kind::kDelay, .delay = std::chrono::milliseconds(*milliseconds)};
}

std::optional<Rule> parse_rule(std::string_view text) {
  Rule rule;
  // The last one: a path may hold it.
  const size_t equals = text.rfind('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::optional<Action> action = parse_action(text.substr(equals + 1));
  if (!action) return std::nullopt;
  rule.action = *action;
  rule.action_text = text.substr(equals + 1);
  std::string_view place = text.substr(0, equals);
  if (const size_t hash = place.rfind('#'); hash != std::string_view::npos) {
    std::string_view number = place.substr(hash + 1);
    rule.and_later = number.ends_with('+');
    if (rule.and_later) number.remove_suffix(1);
    const std::optional<uint64_t> parsed = parse_number(number);
    if (!parsed || *parsed == 0) return std::nullopt;
    rule.number = *parsed;
    place = place.substr(0, hash);
  }
  if (const size_t at = place.find('@'); at != std::string_view::npos) {
    rule.subject = place.substr(at + 1);
    place = place.substr(0, at);
  }
  for (rule.point = 0; rule.point < kNames.size(); ++rule.point) {
    if (kNames[rule.point] == place) return rule;
  }
  return std::nullopt;
}

void write_log(const std::string& log, size_t point, std::string_view subject,
               std::string_view action) {
  if (log.empty()) return;
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  const std::string line = fmt::format("{} {} {} {}\n", ::getpid(), kNames[point], subject, action);
  // In one call, so that lines of several processes do not mix.
  if (::write(file, line.data(), line.size()) < 0) std::perror("MUSTER_FAILPOINTS_LOG");
  ::close(file);
}

// What the first rule that fires wants, if one does.
std::optional<Action> count_passage(size_t point, std::string_view subject) {
  State& all = state();
  const std::lock_guard guard(all.mutex);
  ++all.passages[point];
  std::optional<Action> action;
  for (Rule& rule : all.rules) {
    if (rule.point != point || subject.find(rule.subject) == std::string_view::npos) continue;
    ++rule.fitting;
    if (action || !rule.fires()) continue;
    ++all.firings[point];
    write_log(all.log, point, subject, rule.action_text);
    action = rule.action;
  }
  return action;
}

}  // namespace

absl::Status set_rules(std::string_view rules, std::string log) {
  std::vector<Rule> parsed;
  while (!rules.empty()) {
    const std::string_view text = rules.substr(0, rules.find(';'));
    rules.remove_prefix(std::min(rules.size(), text.size() + 1));
    std::optional<Rule> rule = parse_rule(text);
    if (!rule) {
      return absl::InvalidArgumentError(fmt::format(
          "\"{}\" is no rule for a failpoint: NAME[@TEXT][#N[+]]=ACTION, see common/failpoint.h",
          text));
    }
    parsed.push_back(*std::move(rule));
  }
  State& all = state();
  const std::lock_guard guard(all.mutex);
  all.rules = std::move(parsed);
  all.log = std::move(log);
  all.passages.fill(0);
  all.firings.fill(0);
  all.armed = true;
  return absl::OkStatus();
}

void set_rules_from_environment() {
  const char* rules = std::getenv("MUSTER_FAILPOINTS");
  if (rules == nullptr) return;
  const char* log = std::getenv("MUSTER_FAILPOINTS_LOG");
  if (const absl::Status set = set_rules(rules, log == nullptr ? "" : log); !set.ok()) {
    fmt::print(stderr, "MUSTER_FAILPOINTS: {}\n", std::string(set.message()));
    std::exit(EXIT_FAILURE);
  }
}

void clear() {
  State& all = state();
  const std::lock_guard guard(all.mutex);
  all.armed = false;
  all.rules.clear();
}

bool armed() {
  return state().armed;
}

uint64_t passages(Point point) {
  const std::lock_guard guard(state().mutex);
  return state().passages[point.index()];
}

uint64_t firings(Point point) {
  const std::lock_guard guard(state().mutex);
  return state().firings[point.index()];
}

uint64_t firings_of_all() {
  const std::lock_guard guard(state().mutex);
  return std::accumulate(state().firings.begin(), state().firings.end(), uint64_t{0});
}

bool fails(Point point, std::string_view subject, size_t* size) {
  if (!state().armed) return false;
  const std::optional<Action> action = count_passage(point.index(), subject);
  if (!action) return false;
  switch (action->kind) {
    case Kind::kNote:
      return false;
    case Kind::kKill:
      ::kill(::getpid(), SIGKILL);
      // It may reach another thread first; this one does not go on.
      while (true)
        ::pause();
    case Kind::kError:
      errno = action->error;
      return true;
    case Kind::kShort:
      if (size != nullptr) *size = (*size + 1) / 2;
      return false;
    case Kind::kDelay:
      std::this_thread::sleep_for(action->delay);
      return false;
  }
  return false;
}

}  // namespace muster::failpoint

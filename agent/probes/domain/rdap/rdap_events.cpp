#include "agent/probes/domain/rdap/rdap_events.h"

#include <absl/time/time.h>

#include <algorithm>
#include <string>

#include "agent/probes/domain/rdap/rdap_json.h"
#include "common/text.h"

namespace muster::domains::rdap {
namespace {

namespace json = boost::json;

constexpr size_t kMostEvents = 256;
constexpr size_t kLongestTime = 40;

// 1985-01-01 and 2201-01-01: the first domains, and what no registry sells.
constexpr std::chrono::sys_seconds kEarliest{std::chrono::seconds{473385600}};
constexpr std::chrono::sys_seconds kLatest{std::chrono::seconds{7289654400}};

struct Form {
  const char* form;
  bool zone;
};
constexpr Form kForms[] = {
    {"%Y-%m-%d%ET%H:%M:%E*S%Ez", true},
    {"%Y-%m-%d %H:%M:%E*S%Ez", true},
    {"%Y-%m-%d%ET%H:%M:%E*S", false},
    {"%Y-%m-%d %H:%M:%E*S", false},
    {"%Y-%m-%d", false},
};

bool begins_with_a_day(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-dd";
  if (text.size() < kShape.size()) return false;
  return std::equal(kShape.begin(), kShape.end(), text.begin(), [](char shape, char c) {
    return shape == 'd' ? c >= '0' && c <= '9' : c == shape;
  });
}

// All that an answer says of one kind of event.
class Event {
 public:
  void add(const std::optional<RegistryTime>& time) {
    if (!seen_) time_ = time;
    const bool agrees = time.has_value() && time_.has_value() && time->time == time_->time;
    if (!agrees) time_.reset();
    seen_ = true;
  }
  bool seen() const { return seen_; }
  const std::optional<RegistryTime>& time() const { return time_; }

 private:
  bool seen_ = false;
  std::optional<RegistryTime> time_;
};

}  // namespace

std::optional<RegistryTime> read_rdap_time(std::string_view text) {
  text = trim(text);
  // absl takes more than the forms say: blanks, signs, "infinite-future".
  if (text.size() > kLongestTime || !begins_with_a_day(text)) return std::nullopt;
  for (const Form& form : kForms) {
    absl::Time time;
    if (!absl::ParseTime(form.form, std::string(text), &time, nullptr)) continue;
    const std::chrono::sys_seconds seconds{std::chrono::seconds{absl::ToUnixSeconds(time)}};
    if (seconds < kEarliest || seconds >= kLatest) return std::nullopt;
    return RegistryTime{.time = seconds, .zone_named = form.zone};
  }
  return std::nullopt;
}

void read_events(const json::object& domain, Registration& registration) {
  Event expiration, registrar_expiration, created, changed;
  const bool whole = for_each_object(domain, "events", kMostEvents, [&](const json::object& event) {
    const std::string action = lower(text_of(event, "eventAction"));
    const auto time = read_rdap_time(raw_text_of(event, "eventDate").value_or(""));
    if (action == "expiration") expiration.add(time);
    if (action == "registrar expiration") registrar_expiration.add(time);
    if (action == "registration") created.add(time);
    if (action == "last changed") changed.add(time);
  });
  if (!whole) {
    // Among those that were left out may be one that disagrees.
    registration.partial = true;
    return;
  }
  registration.expires = expiration.seen() ? expiration.time() : registrar_expiration.time();
  registration.created = created.time();
  registration.changed = changed.time();
}

}  // namespace muster::domains::rdap

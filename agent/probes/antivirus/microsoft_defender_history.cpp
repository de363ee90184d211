#include "agent/probes/antivirus/microsoft_defender_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <chrono>
#include <string>

#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_json.h"

namespace muster::antivirus {
namespace {

namespace json = boost::json;

constexpr std::string_view kForm = "it is not of the form that Muster knows";

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// A word, or an object that names it as its "$type", in small letters.
std::string word_of(const json::object& object, const std::string& name) {
  const auto text = protection::json_text(object, name);
  return lower(text ? *text : protection::json_text(object, name + ".$type").value_or(""));
}

v1::CheckResult result_of(const json::object& scan, const json::array& threats) {
  if (!threats.empty()) return v1::CHECK_RESULT_FOUND;
  const std::string state = word_of(scan, "state");
  if (state == "succeeded") return v1::CHECK_RESULT_CLEAN;
  if (state == "failed" || state == "cancelled") return v1::CHECK_RESULT_FAILED;
  return v1::CHECK_RESULT_UNSPECIFIED;
}

struct Scan {
  TimePoint started_at;
  v1::LastCheck check;
};

// The newest of that kind.
std::optional<Scan> last_scan(const json::array& scans, std::string_view kind) {
  std::optional<Scan> last;
  for (const json::value& element : scans) {
    const json::object* const scan = element.if_object();
    if (scan == nullptr || word_of(*scan, "type") != kind) continue;
    const auto started = parse_defender_time(*scan, "startTime");
    const json::value* const member = protection::json_member(*scan, "threats");
    const json::array* const threats = member == nullptr ? nullptr : member->if_array();
    if (!started || threats == nullptr || (last && *started <= last->started_at)) continue;
    Scan found{.started_at = *started, .check = {}};
    protection::set_time(found.check, &v1::LastCheck::mutable_started_at,
                         protection::whole_seconds(started));
    protection::set_time(found.check, &v1::LastCheck::mutable_ended_at,
                         protection::whole_seconds(parse_defender_time(*scan, "endTime")));
    found.check.set_found(threats->size());
    found.check.set_result(result_of(*scan, *threats));
    found.check.set_detail(word_of(*scan, "state"));
    last = std::move(found);
  }
  return last;
}

// What last happened to a threat: the entry with the greatest time.
std::optional<std::string> last_status(const json::object& threat) {
  const json::value* const member = protection::json_member(threat, "history");
  const json::array* const history = member == nullptr ? nullptr : member->if_array();
  if (history == nullptr) return std::nullopt;
  std::optional<std::string> status;
  int64_t latest = 0;
  for (const json::value& element : *history) {
    const json::object* const entry = element.if_object();
    if (entry == nullptr) return std::nullopt;
    const auto time = protection::json_number(*entry, "key");
    if (!time) return std::nullopt;
    if (status && *time < latest) continue;
    latest = *time;
    status = word_of(*entry, "value");
  }
  return status;
}

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::optional<TimePoint> parse_defender_time(const json::object& object, std::string_view name) {
  const auto milliseconds = protection::json_number(object, name);
  // What a Timestamp can hold, so that nothing overflows.
  constexpr int64_t kMost = 253'402'300'799'000;
  if (!milliseconds || *milliseconds <= 0 || *milliseconds > kMost) return std::nullopt;
  return TimePoint(std::chrono::milliseconds(*milliseconds));
}

void read_defender_scans(std::string_view text, v1::ProtectionProduct& product) {
  const auto scans = protection::json_array_of(text);
  if (!scans.ok()) {
    protection::add_unread_all(product, {"full_scan", "quick_scan"},
                               fmt::format("mdatp scan list: {}", kForm));
    return;
  }
  struct Kind {
    std::string_view word;
    std::string_view fact;
    v1::LastCheck* (v1::ProtectionProduct::*field)();
  };
  static constexpr std::array kKinds = {
      Kind{"full", "full_scan", &v1::ProtectionProduct::mutable_full_scan},
      Kind{"quick", "quick_scan", &v1::ProtectionProduct::mutable_quick_scan}};
  for (const Kind& kind : kKinds) {
    std::optional<Scan> scan = last_scan(*scans, kind.word);
    if (!scan) {
      protection::add_unread(product, kind.fact,
                             fmt::format("mdatp scan list has no {} scan among its last {}",
                                         kind.word, scans->size()));
      continue;
    }
    *(product.*kind.field)() = std::move(scan->check);
  }
}

void read_defender_threats(std::string_view text, v1::ProtectionProduct& product) {
  const auto object = protection::json_object_of(text);
  const json::value* const member =
      object.ok() ? protection::json_member(*object, "threats.scans") : nullptr;
  const json::array* const scans = member == nullptr ? nullptr : member->if_array();
  uint64_t found = 0;
  uint64_t unresolved = 0;
  std::string unknown = scans == nullptr ? std::string(kForm) : "";
  for (size_t i = 0; scans != nullptr && i < scans->size(); ++i) {
    const json::object* const scan = (*scans)[i].if_object();
    const json::value* const list =
        scan == nullptr ? nullptr : protection::json_member(*scan, "threats");
    if (list == nullptr || !list->is_array()) {
      unknown = kForm;
      break;
    }
    for (const json::value& element : list->get_array()) {
      ++found;
      const json::object* const threat = element.if_object();
      const std::string status = threat == nullptr ? "" : last_status(*threat).value_or("");
      if (is_one_of(status, {"detected", "failed", "restored"})) ++unresolved;
      if (!is_one_of(status,
                     {"detected", "failed", "restored", "removed", "quarantined", "allowed"})) {
        unknown = fmt::format("a threat has the status '{}', which Muster does not understand",
                              protection::product_text(status));
      }
    }
  }
  if (unknown.empty()) {
    product.set_threats_found(found);
    product.set_threats_unresolved(unresolved);
    return;
  }
  protection::add_unread_all(product, {"threats_found", "threats_unresolved"},
                             fmt::format("mdatp threat list: {}", unknown));
}

}  // namespace muster::antivirus

// Any bytes as each of the files that a HIDS keeps: what comes out is text that can be shown, of a
// bounded size, within the years of a date, and never "clean" beside what was found.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "agent/probes/intrusion_detection/aide_config.h"
#include "agent/probes/intrusion_detection/aide_report.h"
#include "agent/probes/intrusion_detection/osquery_config.h"
#include "agent/probes/intrusion_detection/ossec_config.h"
#include "agent/probes/intrusion_detection/ossec_log.h"
#include "agent/probes/intrusion_detection/rkhunter_log.h"
#include "agent/probes/intrusion_detection/samhain_log.h"
#include "agent/probes/intrusion_detection/tripwire.h"
#include "agent/probes/intrusion_detection/wazuh_state.h"
#include "common/text.h"

namespace {

using namespace muster::intrusion_detection;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_text(const std::string& text, size_t limit) {
  check(text.size() <= limit && muster::is_valid_utf8(text));
  check(std::none_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
}

void check_aide(std::string_view text) {
  const auto report = parse_aide_report(text, absl::FixedTimeZone(3600));
  if (report.ok()) {
    using muster::v1::CheckResult;
    check(report->result != CheckResult::CHECK_RESULT_UNSPECIFIED);
    check(report->result != CheckResult::CHECK_RESULT_CLEAN || report->found.value_or(0) == 0);
    check(report->result != CheckResult::CHECK_RESULT_FAILED || !report->found);
    check(report->version.size() <= 256);
  }
  AideConfig config;
  parse_aide_config(text, config);
  check(config.reports.size() <= kMostAideReports && config.includes.size() <= kMostAideIncludes);
  check(config.definitions.size() <= kMostAideDefinitions);
}

void check_ossec(std::string_view text) {
  const auto state = parse_wazuh_state(text);
  if (state.ok()) check(!state->status.empty() && state->status.size() <= 64);
  const auto config = parse_ossec_config(text);
  if (config.ok()) check_text(config->server, 300);
  check_text(parse_ossec_log(text, absl::UTCTimeZone()).buffer_trouble, 200);
}

void check_osquery(std::string_view text) {
  OsquerySettings settings;
  parse_osquery_flags(text, settings);
  (void)parse_osquery_config(text, settings);
  check(settings.flags.size() <= kMostOsqueryFlags);
  for (const auto& [name, value] : settings.flags)
    check_text(value, 256);
  check(!why_no_file_events(settings).empty() || settings.watched_paths > 0);
}

void check_rkhunter(std::string_view text) {
  const RkhunterLog log = parse_rkhunter_log(text, absl::FixedTimeZone(3600));
  check(!log.last || log.is_log);
  for (const std::optional<RkhunterRun>& run : {log.last, log.last_whole}) {
    if (!run) continue;
    check(run->warnings > 0 || run->first_warning.empty());
    check_text(run->first_warning, 200);
    check_text(run->rootkits, 200);
  }
  check(!log.last_whole || log.last_whole->is_whole);
  RkhunterSettings settings;
  parse_rkhunter_settings(text, settings);
  check(settings.log.starts_with('/') && settings.data.starts_with('/'));
}

void check_samhain(std::string_view text) {
  const SamhainLog log = parse_samhain_log(text, std::nullopt);
  check((log.changes == 0) == log.last_change.empty());
  check_text(log.last_change, 200);
  const SamhainPlaces places = parse_samhain_settings(text);
  check(places.log.starts_with('/') && places.database.starts_with('/'));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_aide(text);
  check_ossec(text);
  check_osquery(text);
  check_rkhunter(text);
  check_samhain(text);
  (void)is_tripwire_report(text);
  return 0;
}

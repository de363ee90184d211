// Any bytes as each of the texts and files that tell about ClamAV, and as what every product's
// reader shares: what comes out can be shown, is of a bounded size, and its times are those of a
// Timestamp.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/antivirus/clamav_config.h"
#include "agent/probes/antivirus/clamav_daemon.h"
#include "agent/probes/antivirus/clamav_database.h"
#include "agent/probes/antivirus/clamav_scan_command.h"
#include "agent/probes/antivirus/clamav_scans.h"
#include "agent/probes/antivirus/clamav_update.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_json.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/running_programs.h"
#include "agent/probes/protection/scheduled_jobs.h"
#include "agent/probes/systemd_units.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace {

using namespace muster::antivirus;
using namespace muster::protection;

// What a Timestamp can hold.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_time(const std::optional<muster::TimePoint>& time) {
  if (!time) return;
  const int64_t seconds = muster::to_proto(*time).seconds();
  check(seconds >= kFirstSecond && seconds <= kLastSecond);
}

void check_text(const std::string& text) {
  check(muster::is_valid_utf8(text) && text.size() <= kLongestText);
}

void read_clamav_texts(std::string_view text) {
  std::string bytes(text);
  bytes.resize(kCvdHeaderSize, ' ');
  if (const auto header = parse_cvd_header(bytes); header.ok()) {
    check_time(header->built_at);
    check_text(header->builder);
  }
  const ClamdReply reply = parse_clamd_reply(text, absl::UTCTimeZone());
  check_time(reply.daily_built_at);
  for (const std::string& each : {reply.engine, reply.state, reply.other})
    check_text(each);
  const UpdateHistory history = parse_freshclam_log(text, absl::UTCTimeZone());
  check_time(history.tried_at);
  check_time(history.succeeded_at);
  check_text(history.error);
  check(history.warnings.size() <= 10);
  for (const std::string& each : history.warnings)
    check_text(each);
  check(history.has_runs || !history.tried_at);
  const ScanLog log = parse_scan_log(text, absl::UTCTimeZone());
  check(log.infected.size() <= kMostInfected && log.earlier.size() <= kMostInfected);
  for (const std::string& name : log.infected)
    check(name.starts_with('/') && name.size() <= 4096);
  if (log.last) {
    check_time(log.last->started_at);
    check_time(log.last->ended_at);
  }
  const ScanLog daemon = parse_scan_log(text, absl::UTCTimeZone(), LogKind::kDaemon);
  check(!daemon.last && !daemon.has_open_end && daemon.infected.size() <= kMostInfected);
  const ScanCommand command = parse_scan_command(text);
  check(command.log.empty() || command.log.front() == '/');
  check(ClamavConfig(text).values("ExcludePath").size() <= kMostOptions);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_clamav_texts(text);
  check_time(parse_iso_time(text));
  check_time(parse_unix_time(text));
  for (const HostProcess& process : parse_processes(text))
    check(!process.program.empty());
  for (const std::string_view value : muster::probe::unit_values(text, "ExecStart")) {
    check(!value.empty());
  }
  calls(text, {"clamscan", "aide"});
  const auto object = json_object_of(text);
  if (object.ok()) {
    json_text(*object, "a.b");
    json_number(*object, "a");
    json_flag(*object, "healthy");
  }
  json_array_of(text).IgnoreError();
  muster::v1::ProtectionProduct product;
  product.set_version(muster::repair_utf8(text));
  product.mutable_full_scan()->set_detail(muster::repair_utf8(text));
  bound(product);
  check_text(product.version());
  check_text(product.full_scan().detail());
  return 0;
}

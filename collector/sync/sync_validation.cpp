#include "collector/sync/sync_validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "common/digest.h"
#include "common/targets/target_rules.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kDigestBytes = 32;

// A clock may be wrong; outside of this it is not a clock.
constexpr TimePoint kEarliest = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
constexpr TimePoint kLatest = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);

constexpr std::array<std::string_view, 16> kReasons = {
    "certificate", "unknown_host", "revoked", "quarantined", "superseded", "message",
    "method",      "entity",       "count",   "size",        "name",       "sequence",
    "outcome",     "facts",        "digest",  "time"};

// What the store can hold and compare; an epoch of nanoseconds reaches it in the year 2262.
constexpr uint64_t kLargestNumber = std::numeric_limits<int64_t>::max();

Rejection invalid(std::string_view reason, std::string_view message) {
  return {.reason = reason, .status = absl::InvalidArgumentError(fmt::format("{}", message))};
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_probe_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameLimit &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

// The host itself, a listed target, or "/" and one of the host's own.
bool is_entity(std::string_view entity) {
  if (entity.empty()) return true;
  return check_target_name(entity.substr(entity.front() == '/' ? 1 : 0)).ok();
}

bool is_measurement_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameLimit && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_lower_or_digit(c) || c == '_'; });
}

bool is_type_name(std::string_view name) {
  return !name.empty() && name.size() <= kFactsTypeLimit &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_';
         });
}

bool is_time(bool present, const google::protobuf::Timestamp& timestamp) {
  if (!present || timestamp.nanos() < 0 || timestamp.nanos() > 999'999'999) return false;
  const TimePoint time = from_proto(timestamp);
  return time >= kEarliest && time < kLatest;
}

std::optional<Rejection> check_facts(const v1::SectionVersion& version) {
  if (version.outcome() != v1::OUTCOME_OBSERVED) {
    if (version.facts_type().empty() && version.digest().empty() && !version.has_facts()) return {};
    return invalid("facts", "only an observed version has facts, their type and their digest");
  }
  if (!is_type_name(version.facts_type())) {
    return invalid("facts", "facts_type is not the full name of a message");
  }
  if (version.digest().size() != kDigestBytes) {
    return invalid("facts", "the digest is not of 32 bytes");
  }
  if (!version.has_facts()) return {};
  if (version.facts().size() > kFactsLimit) {
    return invalid("size", fmt::format("the facts of {} are larger than {} bytes", version.probe(),
                                       kFactsLimit));
  }
  if (sha256(version.facts()) != version.digest()) {
    return invalid("digest",
                   fmt::format("the digest of {} is not that of its facts", version.probe()));
  }
  return {};
}

std::optional<Rejection> check_measurements(const v1::SectionVersion& version) {
  if (version.measurements_size() > kMostMeasurements) {
    return invalid("count", fmt::format("{} has more than {} measurements", version.probe(),
                                        kMostMeasurements));
  }
  for (const v1::Measurement& measurement : version.measurements()) {
    if (!is_measurement_name(measurement.name())) {
      return invalid("name", fmt::format("\"{}\" is not the name of a measurement",
                                         printable(measurement.name(), 100)));
    }
    if (measurement.subject().size() > kSubjectLimit) {
      return invalid("size", "the subject of a measurement is too long");
    }
  }
  return {};
}

std::optional<Rejection> check_version(const v1::SectionVersion& version) {
  if (!is_entity(version.entity())) {
    return invalid("entity", fmt::format("\"{}\" is not the name of a target",
                                         printable(version.entity(), 100)));
  }
  if (!is_probe_name(version.probe())) {
    return invalid(
        "name", fmt::format("\"{}\" is not the name of a probe", printable(version.probe(), 100)));
  }
  if (version.sequence() == 0 || version.sequence() > kLargestNumber) {
    return invalid("sequence", "sequences count from 1, to 2^63-1 at most");
  }
  if (version.outcome() != v1::OUTCOME_OBSERVED && version.outcome() != v1::OUTCOME_FAILED &&
      version.outcome() != v1::OUTCOME_NOT_APPLICABLE) {
    return invalid("outcome", fmt::format("{} has an outcome that this collector does not know; "
                                          "collectors are upgraded before agents",
                                          version.probe()));
  }
  if (version.reason().size() > kReasonLimit) {
    return invalid("size", fmt::format("the reason of {} is too long", version.probe()));
  }
  if (!is_time(version.has_observed_at(), version.observed_at())) {
    return invalid("time", fmt::format("{} has no time that could be one", version.probe()));
  }
  if (std::optional<Rejection> rejection = check_facts(version)) return rejection;
  return check_measurements(version);
}

}  // namespace

std::span<const std::string_view> rejection_reasons() {
  return kReasons;
}

std::optional<Rejection> check_request(const v1::SyncRequest& request) {
  if (request.ByteSizeLong() > kMessageLimit) {
    return invalid("size", fmt::format("the report is larger than {} bytes", kMessageLimit));
  }
  if (request.epoch() == 0 || request.epoch() > kLargestNumber) {
    return invalid("sequence", "epochs count from 1, to 2^63-1 at most");
  }
  if (!is_time(request.has_sent_at(), request.sent_at())) {
    return invalid("time", "the report has no time that could be one; check the host's clock");
  }
  if (request.versions_size() > kMostVersions) {
    return invalid("count", fmt::format("a report has at most {} versions", kMostVersions));
  }
  for (const v1::SectionVersion& version : request.versions()) {
    if (std::optional<Rejection> rejection = check_version(version)) return rejection;
  }
  return {};
}

}  // namespace muster::collector

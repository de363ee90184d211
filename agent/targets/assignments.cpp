#include "agent/targets/assignments.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "agent/outbox/outbox_file.h"
#include "agent/output/status_text.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/targets/target_address.h"
#include "common/targets/target_kinds.h"
#include "common/targets/target_rules.h"
#include "common/text.h"

namespace muster::agent {
namespace {

using google::protobuf::internal::WireFormatLite;
using std::chrono::milliseconds;

constexpr size_t kDigestSize = 32;
constexpr size_t kQuotedLimit = 255;
constexpr size_t kMostLogged = 100;

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Why no kind that the probe looks at lets it; empty if one does.
std::string complaint_of_kinds(const std::vector<AllowedTargets>& allowed, std::string_view address,
                               std::string_view probe) {
  std::string complaint =
      fmt::format("targets.allow in the agent.yml of this host does not list {}",
                  printable(address, kQuotedLimit));
  for (const TargetKind& kind : all_target_kinds()) {
    if (kind.probe != probe) continue;
    const absl::StatusOr<Address> dialled = dialled_address(kind.name, address);
    if (dialled.ok() && is_allowed(allowed, *dialled, kind.name)) return {};
    if (!dialled.ok()) complaint = std::string(text_of(dialled.status()));
  }
  return complaint;
}

}  // namespace

void Assignments::allow(Rules rules) {
  rules_ = std::move(rules);
  for (auto target = held_.begin(); target != held_.end();) {
    std::string why = complaint_about(target->second.probe, target->second.address);
    if (why.empty()) {
      ++target;
      continue;
    }
    refused_[target->first] = {
        .entity = target->first, .probe = target->second.probe, .why = std::move(why)};
    target = held_.erase(target);
  }
  digest_.clear();
}

void Assignments::describe(v1::SyncRequest& request) const {
  request.set_assignments_sha256(digest_);
  for (const auto& [name, target] : refused_) {
    if (static_cast<size_t>(request.refused_targets_size()) == kMostRefusedNames) return;
    request.add_refused_targets(name);
  }
}

bool Assignments::take(const v1::SyncResponse& response, const ReportTimes& times) {
  const std::string_view complaint = take_list(response, times);
  if (!complaint.empty() && complaint != complaint_) {
    log_warning("what the collector says of targets is not taken, the leases before it stay",
                {{"why", complaint}});
  }
  complaint_ = complaint;
  return complaint.empty();
}

std::string_view Assignments::take_list(const v1::SyncResponse& response,
                                        const ReportTimes& times) {
  const std::string& digest = response.assignments_sha256();
  if (digest.empty()) {
    held_.clear();
    refused_.clear();
    digest_.clear();
    end_ = Duration(0);
    return {};
  }
  const std::optional<AnswerClock> clock = AnswerClock::of(response.server_time(), times);
  if (!clock) return "it does not say what time it is";
  const std::optional<TimePoint> end = believable_time(response.assignments_valid_until());
  if (!end) return "it does not say until when they are valid";
  if (digest != digest_) {
    if (digest.size() != kDigestSize || sha256(response.assignment_list()) != digest) {
      return "the list is not what its digest says";
    }
    Held held;
    Refused refused;
    if (!read_list(response.assignment_list(), *clock, held, refused)) return "it is no list";
    held_ = std::move(held);
    refused_ = std::move(refused);
    digest_ = digest;
  }
  end_ = clock->earliest(*end);
  return {};
}

// Not parsed as one message: a list of a million empty assignments is small on the wire only.
bool Assignments::read_list(const std::string& bytes, const AnswerClock& clock, Held& held,
                            Refused& refused) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  size_t count = 0;
  while (const uint32_t tag = input.ReadTag()) {
    const bool is_assignment =
        tag == WireFormatLite::MakeTag(v1::AssignmentList::kAssignmentsFieldNumber,
                                       WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
    if (!is_assignment || count >= kMostAssignments + kMostRefusedNames) {
      if (is_assignment) ++refused_total_;
      if (!WireFormatLite::SkipField(&input, tag)) return false;
      continue;
    }
    v1::Assignment assignment;
    if (!WireFormatLite::ReadMessage(&input, &assignment)) return false;
    take_one(assignment, ++count, clock, held, refused);
  }
  return input.ConsumedEntireMessage();
}

void Assignments::take_one(const v1::Assignment& assignment, size_t number,
                           const AnswerClock& clock, Held& held, Refused& refused) {
  const std::string& name = assignment.target();
  // It cannot be the name of a section, or is that of another one.
  if (!check_target_name(name).ok() || held.contains(name) || refused.contains(name)) {
    ++refused_total_;
    return;
  }
  const Duration interval = milliseconds(assignment.interval_milliseconds());
  if (number > kMostAssignments) {
    return refuse(
        assignment,
        fmt::format("the agent of this host takes no more than {} targets", kMostAssignments),
        refused);
  }
  if (interval < kShortestLookInterval || interval > kLongestLookInterval) {
    return refuse(assignment, "its interval is not from 1s to 24h", refused);
  }
  std::string why = complaint_about(assignment.probe(), assignment.address());
  if (!why.empty()) return refuse(assignment, std::move(why), refused);
  HeldTarget target{
      .entity = name,
      .probe = assignment.probe(),
      .address = assignment.address(),
      .interval = interval,
      .timeout = std::clamp<Duration>(milliseconds(assignment.timeout_milliseconds()),
                                      kShortestLook, std::min(interval, kLongestLook))};
  // A time before 1970 is long ago, one that no clock shows never comes.
  if (assignment.not_before().seconds() > 0) {
    const std::optional<TimePoint> begin = believable_time(assignment.not_before());
    target.not_before = begin ? clock.latest(*begin) : kNever;
  }
  target.look_soon = assignment.look_soon();
  if (assignment.has_valid_until()) {
    const std::optional<TimePoint> end = believable_time(assignment.valid_until());
    target.valid_until = end ? clock.earliest(*end) : Duration(0);
  }
  held.emplace(name, std::move(target));
}

std::string Assignments::complaint_about(std::string_view probe, std::string_view address) const {
  if (contains(rules_.disabled_probes, probe)) {
    return fmt::format("probes.{} is switched off in the agent.yml of this host", probe);
  }
  if (!contains(rules_.probes, probe)) {
    return fmt::format(
        "the agent of this host has no probe '{}' that looks at targets: is it older "
        "than the collector?",
        printable(probe, 80));
  }
  return complaint_of_kinds(rules_.allowed, address, probe);
}

void Assignments::refuse(const v1::Assignment& assignment, std::string why, Refused& refused) {
  ++refused_total_;
  const std::string address = printable(assignment.address(), kQuotedLimit);
  if (logged_.size() < kMostLogged && logged_.insert(address).second) {
    log_warning("a target that the collector assigned is refused",
                {{"target", assignment.target()}, {"address", address}, {"why", why}});
  }
  refused.insert_or_assign(
      assignment.target(),
      RefusedTarget{.entity = assignment.target(),
                    .probe = is_probe_name(assignment.probe()) ? assignment.probe() : "",
                    .why = std::move(why)});
}

void Assignments::resume(std::vector<HeldTarget> held, Duration end) {
  end_ = end;
  for (HeldTarget& target : held) {
    if (held_.size() == kMostAssignments) return;
    if (complaint_about(target.probe, target.address).empty()) {
      std::string name = target.entity;
      held_.insert_or_assign(std::move(name), std::move(target));
    }
  }
}

}  // namespace muster::agent

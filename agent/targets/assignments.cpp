#include "agent/targets/assignments.h"

#include <algorithm>
#include <utility>

#include "agent/output/status_text.h"
#include "common/log.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

constexpr size_t kNameLimit = 255;
constexpr size_t kMostLogged = 100;

bool is_good_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameLimit && is_valid_utf8(name);
}

}  // namespace

void Assignments::allow(std::vector<AllowedTargets> allowed) {
  allowed_ = std::move(allowed);
  std::erase_if(taken_, [this](const TakenTarget& taken) {
    return !is_allowed(allowed_, taken.address, taken.probe);
  });
}

void Assignments::take(const v1::SyncResponse& response) {
  taken_.clear();
  v1::AssignmentList list;
  if (!list.ParseFromString(response.assignment_list())) list.Clear();
  for (const v1::Assignment& assignment : list.assignments()) {
    if (taken_.size() >= kMostAssignments) {
      refuse(assignment, "it is one of too many");
      continue;
    }
    const absl::StatusOr<Address> address = parse_address(assignment.address());
    if (!is_good_name(assignment.target())) {
      refuse(assignment, "a target's name has 1 to 255 bytes of UTF-8");
    } else if (std::find(probes_.begin(), probes_.end(), assignment.probe()) == probes_.end()) {
      refuse(assignment, "this agent has no probe of that name that looks at targets");
    } else if (!address.ok()) {
      refuse(assignment, text_of(address.status()));
    } else if (!is_allowed(allowed_, *address, assignment.probe())) {
      refuse(assignment, "targets.allow of the configuration does not list it");
    } else {
      taken_.push_back({.target = assignment.target(),
                        .probe = assignment.probe(),
                        .address = *address,
                        .not_before = from_proto(assignment.not_before()),
                        .valid_until = from_proto(assignment.valid_until())});
    }
  }
}

void Assignments::refuse(const v1::Assignment& assignment, std::string_view why) {
  ++refused_;
  std::string address = printable(assignment.address(), kNameLimit);
  if (logged_.size() >= kMostLogged || !logged_.insert(address).second) return;
  log_warning(
      "a target that the collector assigned is refused",
      {{"target", printable(assignment.target(), kNameLimit)}, {"address", address}, {"why", why}});
}

}  // namespace muster::agent

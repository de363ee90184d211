#include "tests/hostile_collector/hostile_targets.h"

#include <chrono>
#include <string_view>

#include "common/clock.h"
#include "common/digest.h"
#include "common/timestamp.h"

namespace muster::hostile {
namespace {

using namespace std::chrono_literals;

void add(v1::AssignmentList& list, const std::string& address) {
  v1::Assignment& assignment = *list.add_assignments();
  assignment.set_target("t" + std::to_string(list.assignments_size()));
  assignment.set_probe("tcp");
  assignment.set_address(address);
  assignment.set_interval_milliseconds(1'000);
  assignment.set_timeout_milliseconds(1'000);
}

// Assignments of two bytes each, and of four, which say an interval: more would be no message.
std::string million_of(std::string_view assignment) {
  std::string bytes;
  for (int i = 0; i < 1'000'000; ++i)
    bytes += assignment;
  return bytes;
}

std::string list_of(const std::vector<std::string>& aims, Random& random) {
  v1::AssignmentList list;
  const auto kind = random() % 64;
  if (kind == 0) return million_of(std::string_view("\x0a\x00", 2));
  if (kind == 1) return million_of("\x0a\x02\x30\x01");
  // At one address alone: often more than there can be.
  if (kind < (aims.size() == 1 ? 32U : 3U)) {
    for (int i = 0; i < 20'000; ++i)
      add(list, aims.empty() ? "127.0.0.1:22" : aims[random() % aims.size()]);
    return list.SerializeAsString();
  }
  for (const std::string& address : aims)
    add(list, address);
  for (int i = 0; i < 3; ++i)
    add(list, hostile_text(random, true));
  if (random() % 4 == 0) fill_at_random(*list.add_assignments(), random);
  std::string bytes = list.SerializeAsString();
  if (random() % 8 == 0) mutate(bytes, random);
  return bytes;
}

}  // namespace

void aim(v1::SyncResponse& response, const std::vector<std::string>& aims, Random& random) {
  response.set_assignment_list(list_of(aims, random));
  response.set_assignments_sha256(sha256(response.assignment_list()));
  const TimePoint now = SystemClock().now();
  *response.mutable_server_time() = to_proto(now);
  *response.mutable_assignments_valid_until() = to_proto(now + 1min);
  switch (random() % 8) {
    case 0:
      fill_at_random(*response.mutable_server_time(), random);
      break;
    case 1:
      fill_at_random(*response.mutable_assignments_valid_until(), random);
      break;
    case 2:
      response.set_assignments_sha256(hostile_text(random, true));
      break;
    case 3:
      *response.mutable_assignments_valid_until() = to_proto(now + 24h * 365 * 100);
      break;
    default:
      break;
  }
}

}  // namespace muster::hostile

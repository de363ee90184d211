#include "tests/hostile_collector/hostile_targets.h"

#include <chrono>

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

// Two bytes each.
std::string million_of_nothing() {
  std::string bytes;
  for (int i = 0; i < 1'000'000; ++i)
    bytes.append("\x0a\x00", 2);
  return bytes;
}

std::string list_of(const std::vector<std::string>& aims, Random& random) {
  v1::AssignmentList list;
  switch (random() % 64) {
    case 0:
      return million_of_nothing();
    case 1:
      for (int i = 0; i < 20'000; ++i)
        add(list, aims.empty() ? "127.0.0.1:22" : aims[random() % aims.size()]);
      return list.SerializeAsString();
    default:
      break;
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

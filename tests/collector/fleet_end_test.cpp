// The end of a fleet: what it asked of the store may be answered when it is gone.
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "collector/fleet/fleet.h"
#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

// Answers when it is told to.
class LateStore : public FakeStore {
 public:
  void put_first_seen(std::string /*host_id*/, policy::FirstSeen /*seen*/, Done done) override {
    waiting.push_back(std::move(done));
  }
  std::vector<Done> waiting;
};

std::shared_ptr<const policy::Policy> a_policy() {
  policy::Policy policy;
  policy.controls.push_back({.id = "reporting", .title = "T", .rule = "host_reporting"});
  return std::make_shared<const policy::Policy>(std::move(policy));
}

TEST(FleetEnd, TheStoreMayFailWhatItWasAskedWhenTheFleetIsGone) {
  FakeClock clock;
  LateStore store;
  auto fleet = std::make_unique<Fleet>(clock, store, a_policy());
  HostRecord host;
  host.id = "0123456789abcdef0123456789abcdef";
  host.name = "web1";
  host.enrolled_at = clock.now() - std::chrono::hours(1);
  fleet->add_host(host);
  fleet->save_memories();
  ASSERT_EQ(store.waiting.size(), 1u);
  fleet.reset();
  // Under asan, or as a crash, it would be seen that this writes to what is gone.
  store.waiting[0](absl::ResourceExhaustedError("the disk is full"));
}

}  // namespace
}  // namespace muster::collector

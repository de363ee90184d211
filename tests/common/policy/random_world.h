// A random policy over every rule, and a random host or target that it judges, both living on
// through time: reports come, facts change, probes fail, waivers begin and end. For properties that
// must hold whatever the world is like. The same seed gives the same world.
#pragma once

#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/policy/evaluation.h"
#include "common/policy/policy.h"
#include "common/policy/rules.h"
#include "muster/v1/restart_facts.pb.h"
#include "muster/v1/tcp_facts.pb.h"
#include "tests/common/policy/facts.h"

namespace muster::testing {

class RandomWorld {
 public:
  // At kNow.
  explicit RandomWorld(uint32_t seed);

  const policy::Policy& policy() const { return *policy_; }
  const std::shared_ptr<const policy::Policy>& shared_policy() const { return policy_; }
  // Looks into the world: until it changes.
  policy::HostView view() const;

  // One of its probes reports something else; which.
  std::string change(TimePoint now);
  // The host reports that all is as it was, of some of its probes.
  void heartbeat(TimePoint now);

  // Somebody edits the policy: another one, which has most of this one.
  void amend_policy(TimePoint now);

  // For tests that have to choose too.
  int64_t pick(int64_t low, int64_t high);
  bool chance(int percent) { return pick(1, 100) <= percent; }
  Duration up_to(Duration longest) { return Duration(pick(0, longest.count())); }

 private:
  policy::Control control(const policy::Rule& rule, std::string id);
  policy::ParameterValue value_of(const policy::Parameter& parameter);
  policy::Selector selector(bool may_name_group = true);
  policy::Waiver waiver(const std::vector<policy::Control>& controls, std::string id,
                        TimePoint now);
  void amend(policy::Waiver& waiver, const std::vector<policy::Control>& controls);
  // One of several.
  template <typename Values>
  auto& one_of(Values&& values) {
    return values[static_cast<size_t>(pick(0, std::ssize(values) - 1))];
  }

  SectionState make(const std::string& probe, TimePoint now);
  SectionState look(const std::string& probe, TimePoint now);
  v1::PackageFacts packages(std::string_view prefix, TimePoint now);
  v1::CertificateFacts certificates(TimePoint now);
  v1::RestartFacts restart();

  const std::vector<std::string>& probes() const;
  v1::TcpFacts tcp();

  std::mt19937 random_;
  const std::string kind_;
  std::shared_ptr<const policy::Policy> policy_;
  std::map<std::string, std::string> labels_;
  std::vector<SectionState> sections_;
  TimePoint enrolled_at_;
  std::optional<TimePoint> last_sync_;
};

}  // namespace muster::testing

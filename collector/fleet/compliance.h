// How many hosts stand well with each control, by their labels: counted as standings change, so
// that nobody ever goes through the fleet for it. A control counts for a host if it applies: met
// (pass), within its time (due) or excepted (waived) is compliant, and what fails or is unknown is
// not. docs/adr/0013 says why.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/fleet/compliance_count.h"
#include "common/exposition/text_format.h"
#include "common/policy/evaluation.h"

namespace muster::collector {

// What is counted of some hosts, those of a shard: guarded by its mutex. While a fleet takes over
// another policy, hosts are counted by both.
class ComplianceTable {
 private:
  struct Group {
    size_t hosts = 0;
    // By the policy's controls.
    std::vector<ComplianceCount> controls;
  };
  // A label and its value, as they are shown; both empty: all hosts.
  using GroupName = std::pair<std::string, std::string>;
  struct ByPolicy {
    std::shared_ptr<const policy::Policy> policy;
    size_t hosts = 0;
    // A place in it stays where it is.
    std::map<GroupName, Group> groups;
  };

 public:
  ComplianceTable() = default;

  // What is counted of one host. It must be forgotten before it ends.
  class Counted {
   public:
    bool is_counted() const { return by_policy_ != nullptr; }

   private:
    friend class ComplianceTable;
    ByPolicy* by_policy_ = nullptr;
    std::vector<std::map<GroupName, Group>::iterator> groups_;
    // How it counts for each control.
    std::vector<uint8_t> classes_;
  };

  // Begins with a host that is not counted, which has no standings yet. `labels`: see
  // shown_labels.h; their values are counted as they are shown (exposition::shown_value).
  void begin(Counted& host, std::shared_ptr<const policy::Policy> policy,
             exposition::LabelSpan labels);
  // Moves what is other than before. As many standings as its policy has controls.
  void count(Counted& host, std::span<const policy::Standing> standings);
  // Takes the host out, as before another policy or other labels. Nothing, if it is not counted.
  void forget(Counted& host);

  // A copy of all that is counted.
  void add_to(std::vector<GroupCounts>& groups) const;

 private:
  std::vector<std::unique_ptr<ByPolicy>> policies_;
};

}  // namespace muster::collector

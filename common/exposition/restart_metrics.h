// What waits for a restart on a host, and until when its system is supported, as samples.
#pragma once

#include <span>
#include <vector>

#include "common/exposition/sample_writer.h"
#include "common/policy/package_facts_view.h"
#include "common/section_state.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/restart_facts.pb.h"

namespace muster::exposition {

// The kernels that the package managers of a host tell of, in their order. The sections outlive it.
class InstalledKernels {
 public:
  explicit InstalledKernels(std::span<const SectionState* const> sections);
  std::span<const policy::InstalledKernelView> all() const { return kernels_; }

 private:
  std::vector<policy::PackageFactsView> views_;
  std::vector<policy::InstalledKernelView> kernels_;
};

void add_restart(SampleWriter& writer, const v1::RestartFacts& facts,
                 const InstalledKernels& installed);
void add_lifecycle(SampleWriter& writer, const v1::LifecycleFacts& facts);

}  // namespace muster::exposition

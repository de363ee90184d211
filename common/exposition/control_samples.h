// How a host or a target stands with the controls of the policy, as samples.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "common/exposition/sample_writer.h"
#include "common/policy/evaluation.h"
#include "common/policy/policy.h"

namespace muster::exposition {

// The families of controls, of hosts or of targets.
struct ControlFamilies {
  size_t status;
  size_t deadline;
  // Of hosts only.
  std::optional<size_t> unmet_since = std::nullopt;
};

// Controls for another kind than this one ("host", "tcp") have no samples.
void add_controls(SampleWriter& writer, const ControlFamilies& families, std::string_view kind,
                  std::span<const policy::Control> controls,
                  std::span<const policy::Standing> standings);

}  // namespace muster::exposition

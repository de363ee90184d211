// Any bytes as a file of targets: what is taken is what a target can be, and a complaint says its
// place and can be printed.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/targets/target_file.h"
#include "common/targets/target_rules.h"
#include "common/text.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::vector<muster::Target>> targets =
      muster::parse_target_file(text, "targets");
  if (targets.ok()) {
    for (const muster::Target& target : *targets) {
      if (!muster::check_target(target).ok()) std::abort();
    }
    return 0;
  }
  const std::string complaint(targets.status().message());
  if (!complaint.starts_with("targets:") || !muster::is_valid_utf8(complaint)) std::abort();
  return 0;
}

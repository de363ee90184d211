// Any bytes as what a server of targets answers: what is taken is what a target can be, and is
// written so that it is read back; a complaint says its place and can be printed.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "collector/targets/merged_targets.h"
#include "collector/targets/targets_http_sd.h"
#include "common/targets/target_rules.h"
#include "common/text.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace muster::collector;
  const std::string text(reinterpret_cast<const char*>(data), size);
  TargetServer server;
  server.name = "server";
  server.usual.kind = "tcp";
  const absl::StatusOr<TargetList> list = parse_http_sd_targets(text, server);
  if (!list.ok()) {
    const std::string complaint(list.status().message());
    if (!complaint.starts_with("server:") || !muster::is_valid_utf8(complaint)) std::abort();
    return 0;
  }
  for (const muster::Target& target : list->targets) {
    if (!muster::check_target(target).ok()) std::abort();
  }
  const TargetTable table = merge_targets({std::make_shared<const TargetList>(*list)}).table;
  if (table.targets().size() != list->size()) std::abort();
  const auto again = parse_http_sd_targets(targets_http_sd(table), server);
  if (!again.ok() || again->size() != list->size()) std::abort();
  for (const muster::Target& target : again->targets) {
    const muster::Target* const written = table.find(target.name);
    if (written == nullptr || !(*written == target)) std::abort();
  }
  return 0;
}

#include "agent/probes/hardware/machine_files.h"

#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::hardware {
namespace {

constexpr size_t kTextLimit = 128;

}  // namespace

std::string MachineFiles::line_if_told(const std::string& path) const {
  const auto content = probe::read_in_root(root_, path, firmware::kPage);
  if (!content.ok()) return {};
  return printable(trim(std::string_view(*content).substr(0, content->find('\n'))), kTextLimit);
}

std::string MachineFiles::link_name(const std::string& path) const {
  if (!probe::status_in_root(root_, path).ok()) return {};
  const std::string resolved = probe::resolve_in_root(root_, path);
  return printable(std::string_view(resolved).substr(resolved.rfind('/') + 1), kTextLimit);
}

}  // namespace muster::hardware

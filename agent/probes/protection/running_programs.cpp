#include "agent/probes/protection/running_programs.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/protection/product_complaint.h"
#include "agent/probes/protection/text_lines.h"
#include "agent/probes/root_files.h"
#include "agent/probes/systemd_units.h"

namespace muster::protection {
namespace {

constexpr const char* kQuestion = "processes";
// As the kernel cuts the name of a program.
constexpr size_t kLongestProgram = 15;
constexpr size_t kLargestPasswd = 8 << 20;

}  // namespace

std::vector<HostProcess> parse_processes(std::string_view text) {
  std::vector<HostProcess> processes;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    HostProcess process;
    if (!parse_number(take_until(line, ' '), process.id)) continue;
    if (!parse_number(take_until(line, ' '), process.user)) continue;
    process.program = line;
    if (!line.empty()) processes.push_back(process);
  }
  return processes;
}

RunningEvidence is_running(const ProductLook& look, std::initializer_list<const char*> units,
                           std::string_view program, const std::vector<uint32_t>& users) {
  for (const char* unit : units) {
    if (probe::unit_has_processes(look.root, unit) == true) {
      return {true, fmt::format("{} has processes", unit)};
    }
  }
  const std::string complaint = complaint_about(look.answers, kQuestion);
  const answers::Answer* answer = look.answers.find(kQuestion);
  if (!complaint.empty() || answer == nullptr) {
    return {std::nullopt, fmt::format("whether {} runs: {}", program, complaint)};
  }
  const std::string_view name = program.substr(0, kLongestProgram);
  for (const HostProcess& process : parse_processes(answer->text)) {
    const bool is_trusted =
        process.user == 0 || std::find(users.begin(), users.end(), process.user) != users.end();
    if (process.program == name && is_trusted) {
      return {true, fmt::format("process {} of user {}", program, process.user)};
    }
  }
  return {false, fmt::format("there is no process {}", program)};
}

std::optional<uint32_t> user_number(const std::string& root, std::string_view name) {
  const auto passwd = probe::read_in_root(root, "/etc/passwd", kLargestPasswd);
  if (!passwd.ok() || name.empty()) return std::nullopt;
  std::string_view text = *passwd;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (take_until(line, ':') != name) continue;
    take_until(line, ':');
    uint32_t number = 0;
    if (parse_number(take_until(line, ':'), number)) return number;
  }
  return std::nullopt;
}

}  // namespace muster::protection

#include "agent/probes/firmware/processors/microcode_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "common/text.h"

namespace muster::firmware {
namespace {

constexpr size_t kTextLimit = 128;

// Decimal, or hexadecimal behind 0x; absent where it is no number that fits.
std::optional<uint32_t> number(std::string_view text) {
  const bool is_hex = text.starts_with("0x");
  if (is_hex) text.remove_prefix(2);
  uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, is_hex ? 16 : 10);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

struct Processor {
  std::optional<uint32_t> index = {};
  std::optional<uint32_t> family = {};
  std::optional<uint32_t> model = {};
  std::optional<uint32_t> stepping = {};
  std::optional<uint32_t> revision = {};
  std::string_view vendor = {};
  std::string_view model_name = {};
};

void take_line(Processor& processor, std::string_view name, std::string_view value) {
  if (name == "vendor_id") processor.vendor = value;
  if (name == "model name") processor.model_name = value;
  if (name == "cpu family") processor.family = number(value);
  if (name == "model") processor.model = number(value);
  if (name == "stepping") processor.stepping = number(value);
  if (name == "microcode") processor.revision = number(value);
}

// Processors in ascending order as "0-3,8".
class ProcessorList {
 public:
  void add(uint32_t index) {
    if (!ranges_.empty() && ranges_.back().second + 1 == index) {
      ranges_.back().second = index;
    } else {
      ranges_.emplace_back(index, index);
    }
  }
  std::string text() const {
    std::string text;
    for (const auto& [first, last] : ranges_) {
      if (!text.empty()) text += ',';
      text += first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
    }
    return text;
  }

 private:
  std::vector<std::pair<uint32_t, uint32_t>> ranges_;
};

class Groups {
 public:
  void add(const Processor& processor) {
    if (!processor.index || *processor.index >= kMostProcessors || !processor.family ||
        !processor.model || !processor.stepping || processor.revision.value_or(0) == 0) {
      return;
    }
    auto& [group, list] = groups_[{fmt::format("{:02x}-{:02x}-{:02x}", *processor.family,
                                               *processor.model, *processor.stepping),
                                   *processor.revision}];
    if (group.count == 0) {
      group.vendor = printable(processor.vendor, kTextLimit);
      group.model_name = printable(processor.model_name, kTextLimit);
    }
    ++group.count;
    list.add(*processor.index);
  }
  std::vector<MicrocodeGroup> take() {
    std::vector<MicrocodeGroup> taken;
    for (auto& [key, value] : groups_) {
      auto& [group, list] = value;
      std::tie(group.kind, group.revision) = key;
      group.processors = list.text();
      taken.push_back(std::move(group));
    }
    return taken;
  }

 private:
  std::map<std::pair<std::string, uint32_t>, std::pair<MicrocodeGroup, ProcessorList>> groups_;
};

}  // namespace

std::vector<MicrocodeGroup> parse_microcode_groups(std::string_view proc_cpuinfo) {
  Groups groups;
  Processor processor;
  while (!proc_cpuinfo.empty()) {
    const std::string_view line = proc_cpuinfo.substr(0, proc_cpuinfo.find('\n'));
    proc_cpuinfo.remove_prefix(std::min(line.size() + 1, proc_cpuinfo.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    // Each begins with its number.
    if (name == "processor") {
      groups.add(std::exchange(processor, {.index = number(value)}));
    } else {
      take_line(processor, name, value);
    }
  }
  groups.add(processor);
  return groups.take();
}

bool has_mixed_microcode(const std::vector<MicrocodeGroup>& groups) {
  // They are sorted: those of one kind are neighbours.
  return std::adjacent_find(groups.begin(), groups.end(), [](const auto& one, const auto& other) {
           return one.kind == other.kind;
         }) != groups.end();
}

}  // namespace muster::firmware

#include "agent/looking/probe_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/util/json_util.h>
#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "agent/looking/probe_list.h"
#include "agent/looking/question_words.h"
#include "common/duration.h"

namespace muster::agent {
namespace {

// Those that probes have use for.
constexpr std::array<std::pair<int, std::string_view>, 6> kCapabilityNames{{
    {CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH"},
    {CAP_NET_ADMIN, "CAP_NET_ADMIN"},
    {CAP_NET_RAW, "CAP_NET_RAW"},
    {CAP_SYS_ADMIN, "CAP_SYS_ADMIN"},
    {CAP_SYS_PTRACE, "CAP_SYS_PTRACE"},
    {CAP_SYS_RAWIO, "CAP_SYS_RAWIO"},
}};

std::string capability_name(int capability) {
  for (const auto& [number, name] : kCapabilityNames) {
    if (number == capability) return std::string(name);
  }
  return fmt::format("capability {}", capability);
}

template <typename Rep, typename Period>
uint32_t seconds_of(std::chrono::duration<Rep, Period> duration) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

v1::ProbeDeclaration describe(const ProbeRow& row) {
  v1::ProbeDeclaration probe;
  probe.set_name(std::string(row.name));
  probe.set_program(std::string(row.program));
  probe.set_facts(std::string(row.facts));
  // Each target has an interval of its own.
  if (!looks_at_targets(row)) probe.set_interval_seconds(seconds_of(row.interval));
  probe.set_timeout_seconds(seconds_of(row.timeout));
  for (int capability = 0; capability < 64; ++capability) {
    if ((row.sandbox.capabilities >> capability & 1) == 0) continue;
    probe.add_capabilities(capability_name(capability));
  }
  probe.set_privilege_reason(std::string(row.privilege_reason));
  probe.set_network(row.sandbox.reach == SandboxDeclaration::Reach::kNetwork);
  for (const std::string_view path : row.sandbox.readable)
    probe.add_readable(std::string(path));
  for (const std::string_view path : row.sandbox.needs)
    probe.add_needs(std::string(path));
  for (const std::string_view path : row.sandbox.inherited)
    probe.add_inherited(std::string(path));
  using Processes = SandboxDeclaration::Processes;
  probe.set_processes(row.sandbox.processes == Processes::kMappings);
  probe.set_sockets(row.sandbox.socket_list);
  probe.set_system_bus(row.sandbox.system_bus);
  probe.set_opt_in(row.is_opt_in);
  for (const std::string_view given : row.given)
    probe.add_given(std::string(given));
  if (row.sandbox.answers != 0) {
    for (std::string& question : questions_of(row.sandbox.answers))
      probe.add_questions(std::move(question));
  }
  for (const ProbeSettingRow& setting : row.settings) {
    if (setting.kind != ProbeSettingRow::Kind::kPaths) continue;
    probe.add_path_settings(std::string(setting.name));
  }
  probe.set_temporary_files(row.sandbox.temporary_files);
  probe.set_memory_bytes(row.sandbox.memory);
  probe.set_keeps_memory(row.keeps_memory);
  return probe;
}

std::string capabilities_of(const v1::ProbeDeclaration& probe) {
  if (probe.capabilities().empty()) return "none";
  return fmt::format("{}", fmt::join(probe.capabilities(), ", "));
}

// Without the "CAP_" before each, for which a terminal has no room.
std::string short_capabilities_of(const v1::ProbeDeclaration& probe) {
  constexpr std::string_view kPrefix = "CAP_";
  std::string names = capabilities_of(probe);
  for (size_t at = names.find(kPrefix); at != std::string::npos; at = names.find(kPrefix, at))
    names.erase(at, kPrefix.size());
  return names;
}

std::string memory_of(const v1::ProbeDeclaration& probe) {
  return fmt::format("{} MiB", probe.memory_bytes() >> 20);
}

std::string network_of(const v1::ProbeDeclaration& probe) {
  if (!probe.network()) return "no";
  return probe.given().empty() ? "yes" : "own host";
}

std::string duration_of(uint32_t seconds) {
  return format_duration(std::chrono::seconds(seconds));
}

std::string interval_of(const v1::ProbeDeclaration& probe) {
  if (probe.interval_seconds() == 0) return "each target's";
  return duration_of(probe.interval_seconds()) + (probe.opt_in() ? ", if on" : "");
}

std::vector<std::string> files_of(const v1::ProbeDeclaration& probe) {
  std::vector<std::string> files(probe.readable().begin(), probe.readable().end());
  files.insert(files.end(), probe.needs().begin(), probe.needs().end());
  std::sort(files.begin(), files.end());
  return files;
}

std::string in_one_line(const v1::ProbeDeclaration& probe, std::string_view quote,
                        std::string_view separator) {
  if (!probe.given().empty()) {
    return fmt::format("the last sections of {}", fmt::join(probe.given(), " "));
  }
  if (probe.network()) return "its batch of targets";
  std::vector<std::string> files = files_of(probe);
  for (std::string& file : files)
    file = fmt::format("{0}{1}{0}", quote, file);
  return fmt::format("{}", fmt::join(files, separator));
}

// What it sees beside these files; to be put behind them.
std::vector<std::string> more_of(const v1::ProbeDeclaration& probe) {
  std::vector<std::string> more;
  if (!probe.inherited().empty()) {
    more.push_back(fmt::format("what it is given open: {}", fmt::join(probe.inherited(), " ")));
  }
  if (probe.processes()) more.emplace_back("a table of the processes that it is given");
  if (probe.sockets()) {
    more.emplace_back(
        "a table of the processes' sockets that it is given and what the kernel says of them");
  }
  if (probe.system_bus()) more.emplace_back("what a daemon on the system bus answers");
  if (!probe.questions().empty()) more.emplace_back("what the host answers to questions");
  for (const std::string& setting : probe.path_settings())
    more.push_back(fmt::format("what its setting {} names", setting));
  if (probe.keeps_memory()) more.emplace_back("what its last run left for it");
  if (probe.temporary_files()) more.emplace_back("nameless temporary files");
  return more;
}

// ", and what its setting paths names".
std::string in_words(const std::vector<std::string>& more) {
  return more.empty() ? "" : fmt::format(", and {}", fmt::join(more, ", "));
}

// All that it reads.
std::string read_by(const v1::ProbeDeclaration& probe, std::string_view quote,
                    std::string_view separator, const std::vector<std::string>& more) {
  const std::string files = in_one_line(probe, quote, separator);
  return files.empty() ? fmt::format("{}", fmt::join(more, ", ")) : files + in_words(more);
}

bool asks_anything(const v1::ProbeList& list) {
  return std::any_of(list.probes().begin(), list.probes().end(),
                     [](const v1::ProbeDeclaration& probe) { return !probe.questions().empty(); });
}

// The words in lines, beside the label.
void append_labelled(std::string& text, const std::string& label, const std::string& words,
                     const TerminalStyle& style) {
  constexpr size_t kIndent = 21;
  std::string beside = pad_right(label, kIndent);
  for (const std::string& line : wrap_text(words, style.width - kIndent)) {
    text += beside + line + "\n";
    beside = std::string(kIndent, ' ');
  }
}

}  // namespace

v1::ProbeList describe_probes() {
  v1::ProbeList list;
  for (const ProbeRow& row : all_probes())
    *list.add_probes() = describe(row);
  return list;
}

std::string probe_table(const v1::ProbeList& list, const TerminalStyle& style) {
  std::vector<std::vector<std::string>> rows;
  for (const v1::ProbeDeclaration& probe : list.probes()) {
    rows.push_back({probe.name(), interval_of(probe), duration_of(probe.timeout_seconds()),
                    memory_of(probe), network_of(probe), short_capabilities_of(probe)});
  }
  std::string text =
      render_text_table({"PROBE", "EVERY", "LIMIT", "MEMORY", "NETWORK", "PRIVILEGE"}, rows, style);
  text += "\nReads, with all below, its own program and libraries besides:\n";
  for (const v1::ProbeDeclaration& probe : list.probes()) {
    std::vector<std::string> more = more_of(probe);
    if (!probe.privilege_reason().empty()) {
      more.push_back(fmt::format("by {} {}", capabilities_of(probe), probe.privilege_reason()));
    }
    append_labelled(text, probe.name(), read_by(probe, "", " ", more), style);
  }
  if (!asks_anything(list)) return text;
  text += "\nIs told what this host answers, which is asked, as far as it is there:\n";
  for (const v1::ProbeDeclaration& probe : list.probes()) {
    std::string label = probe.name();
    for (const std::string& question : probe.questions())
      append_labelled(text, std::exchange(label, ""), question, style);
  }
  return text;
}

std::string probe_markdown(const v1::ProbeList& list) {
  std::string text =
      "| probe | emits | every | a look takes at most | memory | network | privilege |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const v1::ProbeDeclaration& probe : list.probes()) {
    std::string folder = probe.name();
    std::replace(folder.begin(), folder.end(), '-', '_');
    const std::string reason = probe.privilege_reason().empty()
                                   ? std::string()
                                   : fmt::format(" for {}", probe.privilege_reason());
    text += fmt::format(
        "| [{}]({}/README.md) | `{}` | {} | {} | {} | {} | {}{} |\n", probe.name(), folder,
        probe.facts(), interval_of(probe), duration_of(probe.timeout_seconds()), memory_of(probe),
        probe.network() ? network_of(probe) : "none", capabilities_of(probe), reason);
  }
  text += "\n| probe | may read, with all below |\n|---|---|\n";
  for (const v1::ProbeDeclaration& probe : list.probes()) {
    text += fmt::format("| {} | {} |\n", probe.name(), read_by(probe, "`", ", ", more_of(probe)));
  }
  if (!asks_anything(list)) return text;
  text +=
      "\n| probe | is told what this host answers, which is asked, as far as it is there "
      "|\n|---|---|\n";
  for (const v1::ProbeDeclaration& probe : list.probes()) {
    if (probe.questions().empty()) continue;
    text += fmt::format("| {} | `{}` |\n", probe.name(), fmt::join(probe.questions(), "`, `"));
  }
  return text;
}

std::string probe_json(const v1::ProbeList& list) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  return google::protobuf::util::MessageToJsonString(list, &json, options).ok() ? json : "{}\n";
}

}  // namespace muster::agent

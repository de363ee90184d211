#include "collector/admin/update_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "collector/admin/table_cells.h"
#include "common/counted.h"
#include "common/duration.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kNameWidth = 28;
constexpr size_t kVersionShown = 128;
constexpr size_t kReasonShown = 300;
constexpr size_t kHostsShown = 10;

std::string severity_word(v1::AdvisorySeverity severity) {
  switch (severity) {
    case v1::ADVISORY_SEVERITY_CRITICAL:
      return "critical";
    case v1::ADVISORY_SEVERITY_IMPORTANT:
      return "high";
    case v1::ADVISORY_SEVERITY_MODERATE:
      return "medium";
    case v1::ADVISORY_SEVERITY_LOW:
      return "low";
    default:
      return {};
  }
}

// "yes", "high", "no", "not told".
std::string security_cell(v1::Security security, v1::AdvisorySeverity severity) {
  if (security == v1::SECURITY_NO) return "no";
  if (security != v1::SECURITY_YES) return "not told";
  const std::string word = severity_word(severity);
  return word.empty() ? "yes" : word;
}

std::string waits_cell(bool present, const google::protobuf::Timestamp& since, TimePoint now) {
  return present ? describe_duration(now - from_proto(since)) : "-";
}

std::string deadline_cell(const v1::WaitingUpdate& waiting, TimePoint now) {
  if (!waiting.has_deadline()) return "-";
  const Duration left = from_proto(waiting.deadline()) - now;
  return left > Duration(0) ? "in " + describe_duration(left) : describe_duration(-left) + " ago";
}

std::string versions_line(const v1::PendingUpdate& update) {
  std::string line =
      fmt::format("    {} -> {}", printable(update.installed_version(), kVersionShown),
                  printable(update.candidate_version(), kVersionShown));
  if (update.would_install()) return line;
  const std::string& because = update.not_installed_because();
  return line + fmt::format(" (an upgrade would not install it: {})",
                            because.empty() ? "no reason given" : printable(because, kReasonShown));
}

void add_wrapped(std::string& text, std::string_view sentence, const TerminalStyle& style) {
  for (const std::string& line : wrap_text(sentence, style.width))
    text += for_terminal(line, style) + "\n";
}

std::string sources_text(const v1::HostUpdates& updates, TimePoint now,
                         const TerminalStyle& style) {
  std::string text;
  for (const v1::HostUpdateSource& source : updates.sources()) {
    if (source.not_known_because().empty()) continue;
    add_wrapped(text,
                fmt::format("Not all is known of {} (last look: {}): {}.", cell(source.manager()),
                            ago(source.has_observed_at(), source.observed_at(), now),
                            printable(source.not_known_because(), kReasonShown)),
                style);
  }
  return text;
}

bool is_known(const v1::HostUpdates& updates) {
  return !updates.sources().empty() &&
         std::all_of(updates.sources().begin(), updates.sources().end(),
                     [](const auto& source) { return source.not_known_because().empty(); });
}

std::string hosts_not_known_text(const v1::UpdateList& list) {
  const std::vector<std::string> names(list.hosts_not_known().begin(),
                                       list.hosts_not_known().end());
  const std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<ptrdiff_t>(std::min(kHostsShown, names.size())));
  const size_t more = list.hosts_not_known_count() - shown.size();
  std::string text = fmt::format("It is not known what waits on {}: {}",
                                 counted(list.hosts_not_known_count(), "host"),
                                 printable(fmt::format("{}", fmt::join(shown, ", "))));
  if (more > 0) text += fmt::format(" and {} more", more);
  return text + ".";
}

std::string list_text(const v1::UpdateList& list, std::string_view none, TimePoint now,
                      const TerminalStyle& style) {
  std::string text;
  if (list.updates().empty()) {
    text = fmt::format("{} waits on the {} of which it is known.\n", none,
                       counted(list.hosts_known(), "host"));
  } else {
    std::vector<Row> rows;
    for (const v1::FleetUpdate& update : list.updates()) {
      const auto& versions = update.candidate_versions();
      rows.push_back({cut_to_width(cell(update.source_package()), kNameWidth),
                      security_cell(update.security(), update.severity()),
                      std::to_string(update.hosts()),
                      waits_cell(update.has_waiting_since(), update.waiting_since(), now),
                      cell(update.manager()),
                      versions.empty() ? "-" : cell(fmt::format("{}", fmt::join(versions, ", ")))});
    }
    text =
        render_text_table({"UPDATE", "SECURITY", "HOSTS", "OLDEST", "MANAGER", "TO"}, rows, style);
  }
  const auto listed = static_cast<uint32_t>(list.updates_size());
  if (list.update_count() > listed) {
    add_wrapped(text, fmt::format("{} more are not listed.", list.update_count() - listed), style);
  }
  if (list.hosts_not_known_count() > 0) add_wrapped(text, hosts_not_known_text(list), style);
  return text;
}

}  // namespace

std::string host_updates_text(const v1::HostUpdates& updates, TimePoint now,
                              const TerminalStyle& style) {
  std::string text = sources_text(updates, now, style);
  if (updates.sources().empty()) {
    return "No package manager of this host has reported: what waits is not known.\n";
  }
  if (updates.updates().empty()) {
    return text + (is_known(updates) ? "Nothing waits.\n" : "No update is known to wait.\n");
  }
  if (!text.empty()) text += "\n";
  std::vector<Row> rows;
  for (const v1::WaitingUpdate& waiting : updates.updates()) {
    const v1::PendingUpdate& update = waiting.update();
    rows.push_back({cut_to_width(cell(update.package()), kNameWidth),
                    security_cell(update.security(), update.severity()),
                    waits_cell(waiting.has_waiting_since(), waiting.waiting_since(), now),
                    deadline_cell(waiting, now), cell(waiting.manager())});
  }
  const std::string table =
      render_text_table({"PACKAGE", "SECURITY", "WAITS", "DEADLINE", "MANAGER"}, rows, style);
  // Versions would leave no room for anything else: each has a line of its own.
  size_t begin = 0;
  for (int row = -1; row < updates.updates_size(); ++row) {
    const size_t end = table.find('\n', begin) + 1;
    text += table.substr(begin, end - begin);
    begin = end;
    if (row < 0) continue;
    text += for_terminal(cut_to_width(versions_line(updates.updates(row).update()), style.width),
                         style) +
            "\n";
  }
  return text;
}

std::string update_list_text(const v1::UpdateList& list, TimePoint now,
                             const TerminalStyle& style) {
  return list_text(list, "Nothing", now, style);
}

std::string chosen_update_list_text(const v1::UpdateList& list, TimePoint now,
                                    const TerminalStyle& style) {
  return list_text(list, "No such update", now, style);
}

void keep_manager(std::string_view manager, v1::UpdateList& list) {
  auto& managers = *list.mutable_managers();
  managers.erase(std::remove_if(managers.begin(), managers.end(),
                                [manager](const v1::ManagerHosts& hosts) {
                                  return hosts.manager() != manager;
                                }),
                 managers.end());
  list.set_hosts_known(managers.empty() ? 0 : managers[0].hosts_known());
}

}  // namespace muster::collector

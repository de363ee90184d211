#include "collector/admin/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "collector/admin/host_sentences.h"
#include "collector/admin/table_cells.h"
#include "common/counted.h"
#include "common/duration.h"
#include "common/policy/status.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "common/verdict_table.h"
#include "muster/v1/agent_facts.pb.h"

namespace muster::collector {
namespace {

constexpr size_t kReasonShown = 1000;
constexpr size_t kReasonWidth = 65;

// What the host's agent.yml says: facts like any others.
google::protobuf::Map<std::string, std::string> own_labels(const v1::HostDetail& detail) {
  v1::AgentFacts facts;
  for (const v1::FleetSection& section : detail.sections()) {
    if (section.entity().empty() && section.facts().Is<v1::AgentFacts>())
      section.facts().UnpackTo(&facts);
  }
  return facts.labels();
}

}  // namespace

std::string token_text(const v1::CreateTokenResponse& response, TimePoint /*now*/,
                       const TerminalStyle& /*style*/) {
  const v1::TokenSummary& summary = response.summary();
  return fmt::format(
      R"(Token {token}
  for {uses} within {left}; it is not shown again.{only}
CA SHA-256 {sha256}

On the host to add, as root:
  echo {token} |
    muster-agent enroll --collector {url} --token-file - \
    --ca-sha256 {sha256}
)",
      fmt::arg("token", response.token()),
      fmt::arg("uses", summary.host().empty() ? counted(summary.uses_left(), "host")
                                              : "the host " + cell(summary.host())),
      fmt::arg("only", summary.host().empty()
                           ? ""
                           : "\n  If that host is there already, it is bound to the key that comes "
                             "with it:\n  what it reported stays, its certificates end."),
      fmt::arg("left", describe_duration(from_proto(summary.expires_at()) -
                                         from_proto(summary.created_at()))),
      fmt::arg("sha256", response.ca_sha256()), fmt::arg("url", response.enrol_url()));
}

std::string token_table(const v1::TokenList& list, TimePoint now, const TerminalStyle& style) {
  if (list.tokens().empty()) {
    return "No token can be used now. `muster-collector token create` makes one.\n";
  }
  std::vector<Row> rows;
  for (const v1::TokenSummary& token : list.tokens()) {
    rows.push_back({cell(token.id()), std::to_string(token.uses_left()),
                    describe_duration(from_proto(token.expires_at()) - now), cell(token.host()),
                    labels_text(token.labels())});
  }
  return render_text_table({"TOKEN", "USES LEFT", "ENDS IN", "HOST", "LABELS"}, rows, style);
}

std::string host_table(const v1::HostList& list, TimePoint now, const TerminalStyle& style) {
  if (list.hosts().empty()) {
    return "No host is enrolled. `muster-collector token create` shows how to add one.\n";
  }
  const bool has_owners = std::any_of(list.hosts().begin(), list.hosts().end(),
                                      [](const v1::HostSummary& host) { return host.has_owner(); });
  Row header{"HOST", "STATUS", "LAST REPORT", "AGENT", "SYSTEM"};
  // Where a narrow terminal does not cut it off.
  constexpr ptrdiff_t kOwnerColumn = 2;
  if (has_owners) header.insert(header.begin() + kOwnerColumn, "OWNER");
  std::vector<Row> rows;
  for (const v1::HostSummary& host : list.hosts()) {
    std::string last = ago(host.has_last_sync_at(), host.last_sync_at(), now);
    if (!host.reporting() && host.has_last_sync_at()) last += " (silent)";
    // Its last verdicts say nothing of a host whose reports are refused.
    const std::string standing = standing_word(host.identity());
    rows.push_back({cell(host.name()),
                    standing.empty() ? status_word(host.status(), style) : standing, last,
                    cell(host.agent_version()), cell(host.os_pretty_name())});
    if (has_owners) {
      rows.back().insert(rows.back().begin() + kOwnerColumn, cell(host.owner().team()));
    }
  }
  return render_text_table(header, rows, style);
}

std::string missing_hosts_text(const v1::InventoryStatus& status, TimePoint now,
                               const TerminalStyle& style) {
  if (status.sources().empty()) {
    return "There is no inventory: `inventory:` in collector.yml names its sources.\n";
  }
  std::string text;
  for (const v1::InventorySource& source : status.sources()) {
    if (source.error().empty()) continue;
    text += fmt::format("{} cannot be loaded; what it said last holds (loaded: {}):\n  {}\n",
                        printable(source.name(), kReasonShown),
                        ago(source.has_last_success_at(), source.last_success_at(), now),
                        printable(source.error(), kReasonShown));
  }
  if (status.missing().empty()) {
    return text + fmt::format("No host is missing: the inventory lists {}.\n",
                              counted(status.hosts(), "host"));
  }
  std::vector<Row> rows;
  for (const v1::ListedHost& host : status.missing())
    rows.push_back({cell(host.name()), labels_text(host.labels())});
  return text + render_text_table({"NOT ENROLLED", "LABELS"}, rows, style);
}

std::string host_text(const v1::HostDetail& detail, TimePoint now, const TerminalStyle& style) {
  const v1::HostSummary& summary = detail.summary();
  std::string last = ago(summary.has_last_sync_at(), summary.last_sync_at(), now);
  if (!summary.reporting() && summary.has_last_sync_at()) last += " (silent)";
  std::vector<Row> facts = {
      {"system", cell(summary.os_pretty_name())},
      {"last report", last},
      {"agent", cell(summary.agent_version())},
      {"clock", fmt::format("{:+.3f} s", summary.clock_offset_seconds())},
      {"labels", labels_text(summary.labels())},
      {"own labels", labels_text(own_labels(detail))},
      {"enrolled", to_iso8601(from_proto(summary.enrolled_at()))},
      {"id", cell(summary.id())},
      {"identity", identity_text(summary.identity())},
  };
  const std::vector<Row> scope = scope_rows(summary.owner(), summary.maintenance());
  facts.insert(facts.begin() + 1, scope.begin(), scope.end());
  std::string text = fact_block(summary.name(), facts, style);
  if (!summary.identity().reason().empty()) {
    for (const std::string& line :
         wrap_text(printable(summary.identity().reason(), kReasonShown), kReasonWidth))
      text += fmt::format("  {}  {}\n", pad_right("", 11), for_terminal(line, style));
  }

  return text + verdicts_and_sections(detail.verdicts(), detail.sections(), now, style);
}

}  // namespace muster::collector

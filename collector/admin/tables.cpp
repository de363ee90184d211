#include "collector/admin/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "common/duration.h"
#include "common/policy/policy.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

using Row = std::vector<std::string>;

constexpr size_t kCellLimit = 60;
// Of one control; the rest is counted.
constexpr int kMostSubjects = 20;

// Characters as a terminal counts them, near enough: bytes that begin one.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

// Columns as wide as they need, two spaces between them; the last one is not filled up.
std::string format_table(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string cell(std::string_view text) {
  return text.empty() ? "-" : printable(text, kCellLimit);
}

std::string ago(bool present, const google::protobuf::Timestamp& time, TimePoint now) {
  if (!present) return "never";
  return describe_duration(now - from_proto(time)) + " ago";
}

std::string labels_text(const google::protobuf::Map<std::string, std::string>& labels) {
  std::vector<std::string> pairs;
  for (const auto& [name, value] : labels)
    pairs.push_back(fmt::format("{}={}", name, value));
  std::sort(pairs.begin(), pairs.end());
  return cell(fmt::format("{}", fmt::join(pairs, " ")));
}

std::string plural(uint32_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

std::string outcome_name(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_OBSERVED:
      return "observed";
    case v1::OUTCOME_NOT_APPLICABLE:
      return "not applicable";
    case v1::OUTCOME_FAILED:
      return "failed";
    default:
      return "unknown";
  }
}

// Those that do not pass, worst first as they come.
std::string subject_lines(const v1::Verdict& verdict) {
  std::string text;
  int shown = 0;
  int more = 0;
  for (const v1::SubjectVerdict& subject : verdict.subjects()) {
    if (subject.status() < v1::STATUS_WAIVED || subject.subject().empty()) continue;
    if (shown == kMostSubjects) {
      ++more;
      continue;
    }
    ++shown;
    text += fmt::format("    {:<8} {}: {}\n", policy::status_name(subject.status()),
                        printable(subject.subject(), 200), printable(subject.reason()));
  }
  if (more > 0) text += fmt::format("    and {} more; `--format json` shows all\n", more);
  return text;
}

}  // namespace

std::string token_text(const v1::CreateTokenResponse& response, TimePoint /*now*/) {
  const v1::TokenSummary& summary = response.summary();
  return fmt::format(
      R"(Token {token}
  for {uses} within {left}; it is not shown again.
CA SHA-256 {sha256}

On the host to add, as root:
  muster-agent enroll --collector {url} \
    --ca-sha256 {sha256} \
    --token {token}
)",
      fmt::arg("token", response.token()), fmt::arg("uses", plural(summary.uses_left(), "host")),
      fmt::arg("left", describe_duration(from_proto(summary.expires_at()) -
                                         from_proto(summary.created_at()))),
      fmt::arg("sha256", response.ca_sha256()), fmt::arg("url", response.enrol_url()));
}

std::string token_table(const v1::TokenList& list, TimePoint now) {
  if (list.tokens().empty()) {
    return "No token can be used now. `muster-collector token create` makes one.\n";
  }
  std::vector<Row> rows = {{"TOKEN", "USES LEFT", "ENDS IN", "LABELS"}};
  for (const v1::TokenSummary& token : list.tokens()) {
    rows.push_back({cell(token.id()), std::to_string(token.uses_left()),
                    describe_duration(from_proto(token.expires_at()) - now),
                    labels_text(token.labels())});
  }
  return format_table(rows);
}

std::string host_table(const v1::HostList& list, TimePoint now) {
  if (list.hosts().empty()) {
    return "No host is enrolled. `muster-collector token create` shows how to add one.\n";
  }
  std::vector<Row> rows = {{"HOST", "STATUS", "LAST REPORT", "OS", "AGENT"}};
  for (const v1::HostSummary& host : list.hosts()) {
    std::string last = ago(host.has_last_sync_at(), host.last_sync_at(), now);
    if (!host.reporting() && host.has_last_sync_at()) last += " (silent)";
    rows.push_back({cell(host.name()), std::string(policy::status_name(host.status())), last,
                    cell(host.os_pretty_name()), cell(host.agent_version())});
  }
  return format_table(rows);
}

std::string host_text(const v1::HostDetail& detail, TimePoint now) {
  const v1::HostSummary& summary = detail.summary();
  std::string text =
      format_table({{"Host", cell(summary.name())},
                    {"Status", std::string(policy::status_name(summary.status()))},
                    {"Last report", ago(summary.has_last_sync_at(), summary.last_sync_at(), now)},
                    {"System", cell(summary.os_pretty_name())},
                    {"Agent", cell(summary.agent_version())},
                    {"Clock", fmt::format("{:+.3f} s", summary.clock_offset_seconds())},
                    {"Labels", labels_text(summary.labels())},
                    {"Enrolled", to_iso8601(from_proto(summary.enrolled_at()))},
                    {"Id", cell(summary.id())}});

  text += "\nVerdicts\n";
  for (const v1::Verdict& verdict : detail.verdicts()) {
    text += fmt::format("  {:<8} {}: {}\n", policy::status_name(verdict.status()),
                        printable(verdict.control(), 100), printable(verdict.summary()));
    text += subject_lines(verdict);
  }

  text += "\nProbes\n";
  std::vector<Row> rows;
  for (const v1::FleetSection& section : detail.sections()) {
    rows.push_back({"  " + cell(section.probe()), outcome_name(section.outcome()),
                    ago(true, section.looked_at(), now), printable(section.reason(), 200)});
  }
  return text + format_table(rows);
}

}  // namespace muster::collector

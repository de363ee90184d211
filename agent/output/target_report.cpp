#include "agent/output/target_report.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "agent/output/domain_results.h"
#include "agent/output/section_json.h"
#include "common/exposition/joined_families.h"
#include "common/exposition/section_facts.h"
#include "common/exposition/target_metrics.h"
#include "common/policy/rules/served.h"
#include "common/policy/rules/tls_words.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/domain_facts.pb.h"
#include "muster/v1/tcp_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::agent {
namespace {

using Rank = TargetResult::Rank;

constexpr size_t kMostNotes = 20;
// KIND, RESULT, TIME ("12.34 s") and the space between five columns.
constexpr size_t kLeastKind = 4;
constexpr size_t kLeastResult = 6;
constexpr size_t kTime = 7;
constexpr size_t kSpace = 4 * 2;
constexpr size_t kLeastNames = 16;

std::string time_text(double seconds) {
  return seconds < 1 ? fmt::format("{:.1f} ms", seconds * 1000) : fmt::format("{:.2f} s", seconds);
}

const char* words_of(v1::TcpAnswer answer) {
  switch (answer) {
    case v1::TCP_ANSWER_CONNECTED:
      return "connected";
    case v1::TCP_ANSWER_REFUSED:
      return "refused";
    case v1::TCP_ANSWER_TIMED_OUT:
      return "timed out";
    case v1::TCP_ANSWER_UNREACHABLE:
      return "unreachable";
    case v1::TCP_ANSWER_NO_SUCH_NAME:
      return "no such name";
    default:
      return "unknown";
  }
}

TargetResult tcp_result(const v1::TcpFacts& facts, const SectionState& section) {
  const bool answers = facts.answer() == v1::TCP_ANSWER_CONNECTED;
  TargetResult result{.rank = answers ? Rank::kAnswers : Rank::kNoAnswer,
                      .words = words_of(facts.answer()),
                      .time = {},
                      .note = {}};
  const v1::Measurement* const took = find_measurement(section, "connect_duration_seconds");
  if (took != nullptr) result.time = time_text(took->value());
  // One attempt at an address says no more than the line does.
  if (facts.attempts_size() > 1) {
    const std::vector<std::string> attempts(facts.attempts().begin(), facts.attempts().end());
    result.note = join_some(attempts, 4);
  }
  return result;
}

// At most as wide as "no such name".
const char* words_of(v1::TlsAnswer answer) {
  switch (answer) {
    case v1::TLS_ANSWER_COMPLETED:
      return "TLS";
    case v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED:
      return "mutual TLS";
    case v1::TLS_ANSWER_ALERT:
      return "alert";
    case v1::TLS_ANSWER_NOT_TLS:
      return "no TLS";
    case v1::TLS_ANSWER_NOT_THE_PROTOCOL:
      return "other proto";
    case v1::TLS_ANSWER_NO_STARTTLS:
      return "no STARTTLS";
    case v1::TLS_ANSWER_CLOSED:
      return "closed";
    case v1::TLS_ANSWER_TOO_LARGE:
      return "too large";
    case v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT:
    case v1::TLS_ANSWER_CONNECT_TIMED_OUT:
      return "timed out";
    case v1::TLS_ANSWER_REFUSED:
      return "refused";
    case v1::TLS_ANSWER_UNREACHABLE:
      return "unreachable";
    case v1::TLS_ANSWER_NO_SUCH_NAME:
      return "no such name";
    case v1::TLS_ANSWER_PROXY_REFUSED:
      return "proxy no";
    default:
      return "unknown";
  }
}

// The first address that does not answer counts, of several that do the first.
TargetResult tls_result(const v1::TlsFacts& facts) {
  TargetResult result{.rank = Rank::kNotLookedAt,
                      .words = "not looked",
                      .time = {},
                      .note = "none of its addresses was asked"};
  bool all_answer = !facts.services().empty();
  std::vector<std::string> notes;
  for (const v1::TlsService& service : facts.services()) {
    const bool answers = policy::speaks_tls(service.answer());
    const bool is_known = service.answer() != v1::TLS_ANSWER_UNSPECIFIED;
    if (result.words == "not looked" || (all_answer && !answers)) {
      result.rank = answers ? Rank::kAnswers : is_known ? Rank::kNoAnswer : Rank::kNotLookedAt;
      result.words = answers && !service.version().empty() ? printable(service.version(), 12)
                                                           : words_of(service.answer());
    }
    all_answer = all_answer && answers;
    if (!answers || !service.detail().empty()) {
      notes.push_back(
          fmt::format("{} {}", policy::place_of(service, nullptr), policy::words_of(service)));
    }
  }
  for (const std::string& address : facts.not_allowed())
    notes.push_back(fmt::format("targets.allow does not list {}", printable(address, 64)));
  if (!facts.services().empty() || !notes.empty()) result.note = join_some(notes, 4);
  return result;
}

struct Line {
  const LookedAtTarget* one = nullptr;
  TargetResult result;
};

// Names and addresses share what the others leave of the line.
std::pair<size_t, size_t> widths_of(const std::vector<Line>& lines, size_t width) {
  size_t name = 0;
  size_t address = 0;
  size_t kind = kLeastKind;
  size_t result = kLeastResult;
  for (const Line& line : lines) {
    kind = std::max(kind, line.one->target.kind.size());
    result = std::max(result, line.result.words.size());
    name = std::max(name, display_width(printable(line.one->target.name)));
    address = std::max(address, display_width(printable(line.one->target.address)));
  }
  const size_t others = kind + result + kTime + kSpace;
  const size_t room = std::max(width, others + 2 * kLeastNames) - others;
  if (name + address <= room) return {name, address};
  const size_t half = room / 2;
  if (name <= half) return {name, room - name};
  if (address <= half) return {room - address, address};
  return {half, room - half};
}

std::string count_text(const std::vector<Line>& lines) {
  std::array<size_t, 3> counts{};
  for (const Line& line : lines)
    ++counts.at(static_cast<size_t>(line.result.rank));
  std::string text =
      fmt::format("{} of {} answer", counts[static_cast<size_t>(Rank::kAnswers)], lines.size());
  const size_t failed = counts[static_cast<size_t>(Rank::kNotLookedAt)];
  if (failed > 0) text += fmt::format(", {} could not be looked at", failed);
  return text;
}

std::string table_of(const std::vector<Line>& lines, const TerminalStyle& style) {
  const auto [name_width, address_width] = widths_of(lines, style.width);
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> notes;
  for (const Line& line : lines) {
    const Target& target = line.one->target;
    rows.push_back({cut_to_width(printable(target.name), name_width), target.kind,
                    cut_to_width(printable(target.address), address_width), line.result.words,
                    line.result.time});
    if (!line.result.note.empty()) {
      notes.push_back(fmt::format("{}: {}", printable(target.name), printable(line.result.note)));
    }
  }
  std::string text =
      render_text_table({"TARGET", "KIND", "ADDRESS", "RESULT", "TIME"}, rows, style);
  if (!notes.empty()) text += "\n";
  for (size_t i = 0; i < std::min(notes.size(), kMostNotes); ++i) {
    for (const std::string& part : wrap_text(notes[i], style.width))
      text += for_terminal(part, style) + "\n";
  }
  if (notes.size() > kMostNotes) {
    text += fmt::format("and {} more: see --format json\n", notes.size() - kMostNotes);
  }
  return text + "\n" + count_text(lines) + "\n";
}

std::string json_of(const std::vector<Line>& lines) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text = "{\"targets\": [";
  for (size_t i = 0; i < lines.size(); ++i) {
    const LookedAtTarget& one = *lines[i].one;
    v1::TargetDetail detail;
    v1::TargetSummary& summary = *detail.mutable_summary();
    summary.set_name(one.target.name);
    summary.set_kind(one.target.kind);
    summary.set_address(one.target.address);
    summary.set_timeout_milliseconds(
        static_cast<uint32_t>(one.target.timeout / std::chrono::milliseconds(1)));
    summary.mutable_labels()->insert(one.target.labels.begin(), one.target.labels.end());
    *summary.mutable_looked_at() = to_proto(one.section.looked_at);
    summary.set_place(one.target.place);
    *detail.add_sections() = section_message(one.section);
    std::string json;
    if (!google::protobuf::util::MessageToJsonString(detail, &json, options).ok()) json = "{}";
    text += (i == 0 ? "\n" : ",\n") + json;
  }
  return text + "\n]}\n";
}

std::string metrics_of(const std::vector<Line>& lines) {
  std::vector<exposition::HostParts> parts;
  for (const Line& line : lines) {
    const LookedAtTarget& one = *line.one;
    std::vector<std::pair<std::string_view, std::string_view>> labels(one.target.labels.begin(),
                                                                      one.target.labels.end());
    const exposition::TargetMetricsInput input{.target = one.target.name,
                                               .kind = one.target.kind,
                                               .address = one.target.address,
                                               .sections = {&one.section, 1},
                                               .labels = labels,
                                               .last_look = one.section.looked_at};
    parts.push_back(
        {.moving = std::make_shared<exposition::RenderedHost>(exposition::render_moving(input)),
         .settled = std::make_shared<exposition::RenderedHost>(exposition::render_settled(input))});
  }
  return exposition::JoinedFamilies(std::move(parts), exposition::Format::kPrometheusText,
                                    exposition::kTargetFamilySet)
      .take_all();
}

}  // namespace

TargetResult result_of(const SectionState& section) {
  if (section.outcome == v1::OUTCOME_OBSERVED) {
    if (const auto tcp = exposition::facts_of<v1::TcpFacts>(section))
      return tcp_result(*tcp, section);
    if (const auto tls = exposition::facts_of<v1::TlsFacts>(section)) return tls_result(*tls);
    if (const auto domain = exposition::facts_of<v1::DomainFacts>(section))
      return domain_result(*domain, section.looked_at);
    if (const auto zone = exposition::facts_of<v1::ZoneFacts>(section)) return zone_result(*zone);
    if (const auto alike = exposition::facts_of<v1::LookalikeFacts>(section))
      return lookalike_result(*alike);
  }
  return {.rank = Rank::kNotLookedAt,
          .words = "not looked",
          .time = {},
          .note = section.reason.empty() ? "nothing looked at it" : section.reason};
}

CheckReport report_targets(const std::vector<LookedAtTarget>& looked_at,
                           const CheckOptions& options) {
  std::vector<Line> lines;
  for (const LookedAtTarget& one : looked_at)
    lines.push_back({.one = &one, .result = result_of(one.section)});
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::pair(a.result.rank, a.one->target.name) <
           std::pair(b.result.rank, b.one->target.name);
  });
  CheckReport report;
  report.exit_status = 0;
  if (!lines.empty() && lines.front().result.rank == Rank::kNoAnswer) {
    report.exit_status = 1;
  } else if (!lines.empty() && lines.front().result.rank == Rank::kNotLookedAt) {
    report.exit_status = 2;
  }
  switch (options.format) {
    case CheckOptions::Format::kTable:
      report.text = table_of(lines, options.style);
      break;
    case CheckOptions::Format::kJson:
      report.text = json_of(lines);
      break;
    case CheckOptions::Format::kPrometheus:
      report.text = metrics_of(lines);
      break;
  }
  return report;
}

}  // namespace muster::agent

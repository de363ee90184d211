#include "agent/probes/intrusion_detection/falco_metrics.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "agent/probes/protection/text_lines.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

constexpr std::string_view kPrefix = "falcosecurity_";
constexpr double kMostEvents = 1e18;

// "falcosecurity_scap_n_evts_total{evt_source=\"syscall\"} 8.4e+06", without the prefix.
struct Sample {
  std::string_view name;
  std::string_view labels;
  std::string_view value;
};

std::optional<Sample> split(std::string_view line) {
  if (!line.starts_with(kPrefix)) return std::nullopt;
  line.remove_prefix(kPrefix.size());
  Sample sample;
  const size_t name_end = line.find_first_of("{ ");
  if (name_end == std::string_view::npos) return std::nullopt;
  sample.name = line.substr(0, name_end);
  line.remove_prefix(name_end);
  if (line.starts_with('{')) {
    // A value may hold a brace; none holds a quote that is its end before one.
    const size_t labels_end = line.find("\"}");
    if (labels_end == std::string_view::npos) return std::nullopt;
    sample.labels = line.substr(1, labels_end);
    line.remove_prefix(labels_end + 2);
  }
  sample.value = trim(line);
  return sample;
}

// Of the label; empty where there is none.
std::string_view label(const Sample& sample, std::string_view name) {
  const std::string begin = fmt::format("{}=\"", name);
  const size_t found = sample.labels.find(begin);
  if (found == std::string_view::npos) return {};
  const std::string_view rest = sample.labels.substr(found + begin.size());
  return rest.substr(0, rest.find('"'));
}

// Adds a counter, which may be written as a number with an exponent.
void add(std::string_view text, std::optional<uint64_t>& sum) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // A time may follow.
  const bool is_number = error == std::errc() && (end == text.data() + text.size() || *end == ' ');
  if (!is_number || !(value >= 0) || value + static_cast<double>(sum.value_or(0)) > kMostEvents) {
    return;
  }
  sum = sum.value_or(0) + static_cast<uint64_t>(value);
}

// As the head says it; unset where it does not.
std::optional<size_t> content_length(std::string_view head) {
  constexpr std::string_view kName = "content-length:";
  while (!head.empty()) {
    const std::string_view line = protection::take_line(head);
    if (line.size() < kName.size() || ::strncasecmp(line.data(), kName.data(), kName.size()) != 0) {
      continue;
    }
    const std::string_view text = trim(line.substr(kName.size()));
    size_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    return error == std::errc() && end == text.data() + text.size() ? length : SIZE_MAX;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::string_view> http_body(std::string_view answer) {
  const std::string_view line = answer.substr(0, answer.find("\r\n"));
  if (!line.starts_with("HTTP/1.")) {
    return absl::InvalidArgumentError(
        "its web server does not answer in HTTP: is webserver.ssl_enabled set?");
  }
  if (line.size() < 12 || line.substr(9, 3) != "200") {
    return absl::InvalidArgumentError(
        fmt::format("its web server answers {}: set metrics.enabled and "
                    "webserver.prometheus_metrics_enabled in falco.yaml",
                    line.substr(std::min<size_t>(9, line.size()))));
  }
  const size_t end = answer.find("\r\n\r\n");
  if (end == std::string_view::npos) return absl::InvalidArgumentError("its answer has no body");
  const std::string_view body = answer.substr(end + 4);
  const bool is_whole_line = body.empty() || body.ends_with('\n');
  if (!is_whole_line ||
      content_length(answer.substr(0, end)).value_or(body.size()) != body.size()) {
    return absl::InvalidArgumentError("its answer breaks off: what is missing may be what it lost");
  }
  return body;
}

absl::StatusOr<FalcoMetrics> parse_falco_metrics(std::string_view text) {
  FalcoMetrics metrics;
  bool is_falcos = false;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const auto sample = split(trim(text.substr(0, newline)));
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    if (!sample) continue;
    is_falcos = true;
    if (sample->name == "falco_version_info") metrics.version = label(*sample, "version");
    if (sample->name == "scap_engine_name_info") metrics.engine = label(*sample, "engine_name");
    if (sample->name == "scap_n_evts_total") add(sample->value, metrics.events);
    if (sample->name == "scap_n_drops_total") add(sample->value, metrics.dropped_events);
    if (sample->name == "falco_outputs_queue_num_drops_total") {
      add(sample->value, metrics.dropped_alerts);
    }
    if (sample->name == "falco_sha256_rules_files_info" &&
        metrics.rule_files.size() < kMostRuleFiles) {
      metrics.rule_files.push_back(
          fmt::format("{} {}", label(*sample, "file_name"), label(*sample, "sha256")));
    }
  }
  if (!is_falcos) {
    return absl::InvalidArgumentError("its page has no metrics: set metrics.enabled in falco.yaml");
  }
  return metrics;
}

}  // namespace muster::intrusion_detection

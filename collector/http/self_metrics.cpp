#include "collector/http/self_metrics.h"

#include <fmt/format.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <iterator>
#include <string_view>

namespace muster::collector::http {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

// OpenMetrics 1.0.0, "Numbers": the canonical form of a bound has a point or an exponent.
std::string bound(double value) {
  std::string text = number(value);
  if (text.find_first_of(".eIN") == std::string::npos) text += ".0";
  return text;
}

class OpenMetricsWriter {
 public:
  void write(const MetricFamily& family) {
    name_ = family.name;
    std::string_view type = "unknown";
    switch (family.type) {
      case MetricType::Counter:
        type = "counter";
        drop_suffix("_total");
        break;
      case MetricType::Gauge:
        type = drop_suffix("_info") ? "info" : "gauge";
        break;
      case MetricType::Summary:
        type = "summary";
        break;
      case MetricType::Histogram:
        type = "histogram";
        break;
      default:
        break;
    }
    fmt::format_to(out(), "# HELP {} {}\n# TYPE {} {}\n", name_, escape(family.help), name_, type);
    for (const ClientMetric& metric : family.metric)
      write_metric(metric, family.type, type);
  }
  std::string take() { return std::move(text_); }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }

  bool drop_suffix(std::string_view suffix) {
    if (!name_.ends_with(suffix)) return false;
    name_.resize(name_.size() - suffix.size());
    return true;
  }

  void write_metric(const ClientMetric& metric, MetricType type, std::string_view type_name) {
    switch (type) {
      case MetricType::Counter:
        sample("_total", metric, "", number(metric.counter.value));
        break;
      case MetricType::Gauge:
        sample(type_name == "info" ? "_info" : "", metric, "", number(metric.gauge.value));
        break;
      case MetricType::Histogram:
        for (const ClientMetric::Bucket& bucket : metric.histogram.bucket) {
          sample("_bucket", metric, fmt::format("le=\"{}\"", bound(bucket.upper_bound)),
                 fmt::format("{}", bucket.cumulative_count));
        }
        sample("_count", metric, "", fmt::format("{}", metric.histogram.sample_count));
        sample("_sum", metric, "", number(metric.histogram.sample_sum));
        break;
      case MetricType::Summary:
        for (const ClientMetric::Quantile& quantile : metric.summary.quantile) {
          sample("", metric, fmt::format("quantile=\"{}\"", bound(quantile.quantile)),
                 number(quantile.value));
        }
        sample("_count", metric, "", fmt::format("{}", metric.summary.sample_count));
        sample("_sum", metric, "", number(metric.summary.sample_sum));
        break;
      default:
        sample("", metric, "", number(metric.untyped.value));
        break;
    }
  }

  void sample(std::string_view suffix, const ClientMetric& metric, std::string_view last_label,
              std::string_view value) {
    text_ += name_;
    text_ += suffix;
    std::string labels;
    for (const ClientMetric::Label& label : metric.label) {
      fmt::format_to(std::back_inserter(labels), "{}{}=\"{}\"", labels.empty() ? "" : ",",
                     label.name, escape(label.value));
    }
    if (!last_label.empty() && !labels.empty()) labels += ',';
    labels += last_label;
    if (!labels.empty()) fmt::format_to(out(), "{{{}}}", labels);
    fmt::format_to(out(), " {}\n", value);
  }

  std::string text_;
  // Of the family that is being written, without its suffix.
  std::string name_;
};

}  // namespace

std::string render_self_metrics(const std::vector<MetricFamily>& families,
                                exposition::Format format) {
  if (format == exposition::Format::kPrometheusText) {
    return prometheus::TextSerializer().Serialize(families);
  }
  OpenMetricsWriter writer;
  for (const MetricFamily& family : families)
    writer.write(family);
  return writer.take();
}

}  // namespace muster::collector::http

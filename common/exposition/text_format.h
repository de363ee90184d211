// Prometheus's text format, written. Label values may be any bytes from outside: they are repaired
// to UTF-8, cut and escaped here, so that no value can forge a series. Pure; any thread.
//
// An exposition is, for each family, one header and then all its samples, and at its very end
// append_end. Whoever puts several parts together calls append_end once, after the last.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace muster::exposition {

enum class Format {
  // text/plain; version=0.0.4; charset=utf-8
  kPrometheusText,
  // application/openmetrics-text; version=1.0.0; charset=utf-8
  kOpenMetrics,
};

enum class MetricType { kGauge, kCounter, kInfo };

// One family of docs/metrics.md. The name is as it is exposed, with its suffix: `_total` of a
// counter, `_info` of an info. OpenMetrics wants the header without it; append_header knows.
struct Family {
  std::string_view name;
  MetricType type;
  std::string_view help;
};

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;
// Where how many there are shows only at run time.
using LabelSpan = std::span<const Label>;

// Bytes of a label value after repair; the rest is cut with an ellipsis.
inline constexpr size_t kLabelValueLimit = 256;

// `# HELP` and `# TYPE` of a family, as the format wants them. In Prometheus's text an info is a
// gauge.
void append_header(std::string& text, const Family& family, Format format);

// One sample: name{labels} value. Integral values without a point, others shortest; NaN, +Inf,
// -Inf.
void append_sample(std::string& text, const Family& family, Labels labels, double value);

// As append_sample, behind an already rendered label prefix (`host="web1"`): what is cached per
// host.
void append_sample_with_prefix(std::string& text, const Family& family,
                               std::string_view label_prefix, Labels labels, double value);
void append_sample_with_prefix(std::string& text, const Family& family,
                               std::string_view label_prefix, LabelSpan labels, double value);

// `# EOF` where the format wants it (OpenMetrics); nothing in Prometheus's text.
void append_end(std::string& text, Format format);

// A value as it is shown, but for the escapes: repaired and cut. Values that are counted together
// are counted by this, since two that are alike in it are one series.
std::string shown_value(std::string_view value);

// `name="value"`, repaired, cut and escaped.
std::string render_label(std::string_view name, std::string_view value);

}  // namespace muster::exposition

#include "common/exposition/text_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/text.h"

namespace muster::exposition {
namespace {

// Escapes what the format gives a meaning: backslash, line feed and (in label values, and in
// OpenMetrics' help) the quote. Other control characters have none there and stay.
void append_escaped(std::string& text, std::string_view value, bool quote_too) {
  for (const char c : value) {
    if (c == '\\') {
      text += "\\\\";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '"' && quote_too) {
      text += "\\\"";
    } else {
      text += c;
    }
  }
}

// Most values are a few letters of ASCII: one look finds that nothing has to be done to them.
bool is_plain(std::string_view value) {
  if (value.size() > kLabelValueLimit) return false;
  return std::none_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || c == '\\' || c == '\n' || c == '"';
  });
}

void append_label(std::string& text, std::string_view name, std::string_view value) {
  text += name;
  text += "=\"";
  if (is_plain(value)) {
    text += value;
  } else {
    // Repair never makes a text shorter, so what lies further behind is cut anyway.
    const std::string_view head = value.substr(0, kLabelValueLimit + 4);
    append_escaped(text, truncate_utf8(repair_utf8(head), kLabelValueLimit), true);
  }
  text += '"';
}

void append_value(std::string& text, double value) {
  if (std::isnan(value)) {
    text += "NaN";
    return;
  }
  if (std::isinf(value)) {
    text += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  // Below this a double holds every whole number; to_chars alone would write 1e+09 for one.
  constexpr double kExact = 9007199254740992.0;
  std::array<char, 32> digits{};
  const bool integral = std::abs(value) < kExact && std::trunc(value) == value;
  const auto result = integral
                          ? std::to_chars(digits.begin(), digits.end(), static_cast<int64_t>(value))
                          : std::to_chars(digits.begin(), digits.end(), value);
  text.append(digits.data(), result.ptr);
}

std::string_view metadata_name(const Family& family, Format format) {
  std::string_view name = family.name;
  if (format == Format::kPrometheusText) return name;
  const std::string_view suffix = family.type == MetricType::kCounter ? "_total"
                                  : family.type == MetricType::kInfo  ? "_info"
                                                                      : "";
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

std::string_view type_name(MetricType type, Format format) {
  switch (type) {
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kCounter:
      return "counter";
    case MetricType::kInfo:
      return format == Format::kOpenMetrics ? "info" : "gauge";
  }
  return "unknown";
}

}  // namespace

void append_header(std::string& text, const Family& family, Format format) {
  const std::string_view name = metadata_name(family, format);
  text.append("# HELP ").append(name).append(" ");
  append_escaped(text, family.help, format == Format::kOpenMetrics);
  text.append("\n# TYPE ").append(name).append(" ").append(type_name(family.type, format));
  text += '\n';
}

void append_sample(std::string& text, const Family& family, Labels labels, double value) {
  append_sample_with_prefix(text, family, {}, labels, value);
}

void append_sample_with_prefix(std::string& text, const Family& family,
                               std::string_view label_prefix, Labels labels, double value) {
  text += family.name;
  if (!label_prefix.empty() || labels.size() > 0) {
    text += '{';
    text += label_prefix;
    bool first = label_prefix.empty();
    for (const auto& [name, label_value] : labels) {
      if (!first) text += ',';
      first = false;
      append_label(text, name, label_value);
    }
    text += '}';
  }
  text += ' ';
  append_value(text, value);
  text += '\n';
}

void append_end(std::string& text, Format format) {
  if (format == Format::kOpenMetrics) text += "# EOF\n";
}

std::string render_label(std::string_view name, std::string_view value) {
  std::string text;
  append_label(text, name, value);
  return text;
}

}  // namespace muster::exposition

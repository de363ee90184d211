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
    append_escaped(text, shown_value(value), true);
  }
  text += '"';
}

// The most that a value takes.
constexpr size_t kValueSize = 32;

char* put(char* to, std::string_view text) {
  return std::copy(text.begin(), text.end(), to);
}

// Writes at most kValueSize characters, and says where they end.
char* put_value(char* to, double value) {
  if (std::isnan(value)) return put(to, "NaN");
  if (std::isinf(value)) return put(to, value > 0 ? "+Inf" : "-Inf");
  // Below this a double holds every whole number; to_chars alone would write 1e+09 for one.
  constexpr double kExact = 9007199254740992.0;
  char* const end = to + kValueSize;
  if (std::abs(value) < kExact && std::trunc(value) == value) {
    return std::to_chars(to, end, static_cast<int64_t>(value)).ptr;
  }
  return std::to_chars(to, end, value).ptr;
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

// As append_sample_with_prefix, where a label's value must be repaired, cut or escaped.
void append_hostile_sample(std::string& text, const Family& family, std::string_view label_prefix,
                           LabelSpan labels, double value) {
  text += family.name;
  text += '{';
  text += label_prefix;
  for (const auto& [name, label_value] : labels) {
    if (text.back() != '{') text += ',';
    append_label(text, name, label_value);
  }
  text += "} ";
  std::array<char, kValueSize> digits{};
  text.append(digits.data(), put_value(digits.data(), value));
  text += '\n';
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
  append_sample_with_prefix(text, family, label_prefix, LabelSpan(labels.begin(), labels.size()),
                            value);
}

void append_sample_with_prefix(std::string& text, const Family& family,
                               std::string_view label_prefix, LabelSpan labels, double value) {
  size_t size = family.name.size() + label_prefix.size() + kValueSize + 8;
  bool plain = true;
  for (const auto& [name, label_value] : labels) {
    size += name.size() + label_value.size() + 4;
    plain = plain && is_plain(label_value);
  }
  if (!plain) return append_hostile_sample(text, family, label_prefix, labels, value);
  // Most samples: room is made once, and everything is copied as it is.
  const size_t begin = text.size();
  text.resize(begin + size);
  char* end = put(text.data() + begin, family.name);
  if (!label_prefix.empty() || labels.size() > 0) {
    *end++ = '{';
    end = put(end, label_prefix);
    for (const auto& [name, label_value] : labels) {
      if (end[-1] != '{') *end++ = ',';
      end = put(end, name);
      end = put(end, "=\"");
      end = put(end, label_value);
      *end++ = '"';
    }
    *end++ = '}';
  }
  *end++ = ' ';
  end = put_value(end, value);
  *end++ = '\n';
  text.resize(static_cast<size_t>(end - text.data()));
}

void append_end(std::string& text, Format format) {
  if (format == Format::kOpenMetrics) text += "# EOF\n";
}

std::string shown_value(std::string_view value) {
  // Repair never makes a text shorter, so what lies further behind is cut anyway.
  return truncate_utf8(repair_utf8(value.substr(0, kLabelValueLimit + 4)), kLabelValueLimit);
}

std::string render_label(std::string_view name, std::string_view value) {
  std::string text;
  append_label(text, name, value);
  return text;
}

}  // namespace muster::exposition

#include "common/exposition/text_format.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "common/text.h"

namespace muster::exposition {
namespace {

constexpr Family kGauge{"muster_things", MetricType::kGauge, "Things \\ \"seen\"\nso far."};
constexpr Family kCounter{"muster_things_total", MetricType::kCounter, "Things."};
constexpr Family kInfo{"muster_thing_info", MetricType::kInfo, "What it is."};

std::string header(const Family& family, Format format) {
  std::string text;
  append_header(text, family, format);
  return text;
}

std::string sample(Labels labels, double value) {
  std::string text;
  append_sample(text, kGauge, labels, value);
  return text;
}

TEST(TextFormat, WritesHeadersAsEachFormatWantsThem) {
  EXPECT_EQ(header(kGauge, Format::kPrometheusText),
            "# HELP muster_things Things \\\\ \"seen\"\\nso far.\n# TYPE muster_things gauge\n");
  EXPECT_EQ(
      header(kGauge, Format::kOpenMetrics),
      "# HELP muster_things Things \\\\ \\\"seen\\\"\\nso far.\n# TYPE muster_things gauge\n");
  EXPECT_EQ(header(kCounter, Format::kPrometheusText),
            "# HELP muster_things_total Things.\n# TYPE muster_things_total counter\n");
  EXPECT_EQ(header(kCounter, Format::kOpenMetrics),
            "# HELP muster_things Things.\n# TYPE muster_things counter\n");
  EXPECT_EQ(header(kInfo, Format::kPrometheusText),
            "# HELP muster_thing_info What it is.\n# TYPE muster_thing_info gauge\n");
  EXPECT_EQ(header(kInfo, Format::kOpenMetrics),
            "# HELP muster_thing What it is.\n# TYPE muster_thing info\n");
}

TEST(TextFormat, EndsOnlyOpenMetrics) {
  std::string text;
  append_end(text, Format::kPrometheusText);
  EXPECT_EQ(text, "");
  append_end(text, Format::kOpenMetrics);
  EXPECT_EQ(text, "# EOF\n");
}

TEST(TextFormat, WritesValuesShortAndExact) {
  struct Case {
    double value;
    std::string text;
  };
  const std::vector<Case> cases = {
      {0, "0"},
      {-0.0, "0"},
      {1, "1"},
      {-17, "-17"},
      {0.25, "0.25"},
      {0.1, "0.1"},
      {1795262400, "1795262400"},
      {1795262400.123456, "1795262400.123456"},
      {9007199254740991, "9007199254740991"},
      {1e300, "1e+300"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
      {std::numeric_limits<double>::infinity(), "+Inf"},
      {-std::numeric_limits<double>::infinity(), "-Inf"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(sample({}, c.value), "muster_things " + c.text + "\n");
}

TEST(TextFormat, WritesLabelsEscapedAndCut) {
  EXPECT_EQ(sample({{"a", "x"}, {"b", ""}}, 1), "muster_things{a=\"x\",b=\"\"} 1\n");
  EXPECT_EQ(sample({{"a", "q\"b\\n\nl"}}, 1), "muster_things{a=\"q\\\"b\\\\n\\nl\"} 1\n");
  EXPECT_EQ(sample({{"a", "\xffZ\xc3"}}, 1), "muster_things{a=\"\xEF\xBF\xBDZ\xEF\xBF\xBD\"} 1\n");
  const std::string longest(256, 'x');
  EXPECT_EQ(render_label("a", longest), "a=\"" + longest + "\"");
  EXPECT_EQ(render_label("a", longest + "x"), "a=\"" + std::string(253, 'x') + "…\"");
  std::string text;
  append_sample_with_prefix(text, kGauge, "host=\"web1\"", {}, 1);
  append_sample_with_prefix(text, kGauge, "host=\"web1\"", {{"a", "b"}}, 2);
  EXPECT_EQ(text, "muster_things{host=\"web1\"} 1\nmuster_things{host=\"web1\",a=\"b\"} 2\n");
}

// The value of the only label of a line, read back by the format's description and nothing of ours.
std::string read_back(const std::string& line) {
  const std::string start = "muster_things{a=\"";
  EXPECT_EQ(line.substr(0, start.size()), start);
  std::string value;
  size_t i = start.size();
  for (; i < line.size() && line[i] != '"'; ++i) {
    if (line[i] != '\\') {
      value += line[i];
      continue;
    }
    ++i;
    EXPECT_LT(i, line.size());
    EXPECT_TRUE(line[i] == 'n' || line[i] == '\\' || line[i] == '"') << line;
    value += line[i] == 'n' ? '\n' : line[i];
  }
  EXPECT_EQ(line.substr(i), "\"} 1\n") << line;
  return value;
}

TEST(TextFormat, NeverLetsAValueForgeASeries) {
  std::mt19937 random(20261121);
  // Bytes that mean something to the format, and any others.
  const std::string telling = "\"\\\n\r{}=,# \t\0\xc3\xa9\xe2\x80\xa8\xf0\xed\xa0";
  for (int i = 0; i < 100'000; ++i) {
    std::string value(random() % 64 + (i % 100 == 0 ? 240 : 0), '\0');
    for (char& c : value) {
      c = random() % 2 == 0 ? telling[random() % telling.size()] : static_cast<char>(random());
    }
    const std::string line = sample({{"a", value}}, 1);
    ASSERT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    ASSERT_TRUE(is_valid_utf8(line));
    ASSERT_EQ(read_back(line), truncate_utf8(repair_utf8(value), kLabelValueLimit));
  }
}

TEST(TextFormat, DoesNotReadAHugeValueToItsEnd) {
  // 64 MiB that would take seconds to repair.
  EXPECT_EQ(render_label("a", std::string(size_t{64} << 20, '\xff')).size(), 4U + 255U);
}

}  // namespace
}  // namespace muster::exposition

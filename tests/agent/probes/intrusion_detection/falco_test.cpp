// Falco, by its own metrics. The page is the one in Falco's documentation of version 0.41, with
// fewer of the lines that are not read.
#include "agent/probes/intrusion_detection/falco.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/protection/product_world.h"

namespace muster::intrusion_detection {
namespace {

using protection::test::ProductWorld;
using protection::test::why_unread;
using ::testing::HasSubstr;

constexpr const char* kPage =
    R"(# HELP falcosecurity_falco_version_info https://falco.org/docs/metrics/
# TYPE falcosecurity_falco_version_info gauge
falcosecurity_falco_version_info{version="0.41.0"} 1
# HELP falcosecurity_falco_sha256_rules_files_info https://falco.org/docs/metrics/
# TYPE falcosecurity_falco_sha256_rules_files_info gauge
falcosecurity_falco_sha256_rules_files_info{file_name="falco_rules.yaml",sha256="58a4f187b6b04b43ae938132325cbbb6b2bb9eb4e76e553f5b4b7b5b360ee0b4"} 1
# HELP falcosecurity_scap_engine_name_info https://falco.org/docs/metrics/
# TYPE falcosecurity_scap_engine_name_info gauge
falcosecurity_scap_engine_name_info{engine_name="bpf",evt_source="syscall"} 1
# HELP falcosecurity_scap_n_evts_total https://falco.org/docs/metrics/
# TYPE falcosecurity_scap_n_evts_total counter
falcosecurity_scap_n_evts_total 17613
# HELP falcosecurity_scap_n_drops_buffer_total https://falco.org/docs/metrics/
# TYPE falcosecurity_scap_n_drops_buffer_total counter
falcosecurity_scap_n_drops_buffer_total{dir="enter",drop="clone_fork"} 0
# HELP falcosecurity_scap_n_drops_total https://falco.org/docs/metrics/
# TYPE falcosecurity_scap_n_drops_total counter
falcosecurity_scap_n_drops_total 0
# HELP falcosecurity_falco_outputs_queue_num_drops_total https://falco.org/docs/metrics/
# TYPE falcosecurity_falco_outputs_queue_num_drops_total counter
falcosecurity_falco_outputs_queue_num_drops_total 0
# HELP falcosecurity_falco_duration_seconds_total https://falco.org/docs/metrics/
# TYPE falcosecurity_falco_duration_seconds_total counter
falcosecurity_falco_duration_seconds_total 5
)";

std::string answer_of(std::string_view page, std::string_view status = "200 OK") {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n{}", status,
                     page);
}

// The page with another value behind a name.
std::string with(const std::string& name, const std::string& value) {
  std::string page = kPage;
  const size_t line = page.find("\nfalcosecurity_" + name) + 1;
  EXPECT_NE(line, 0) << name;
  const size_t end = page.find('\n', line);
  const size_t from = page.rfind(' ', end) + 1;
  return page.replace(from, end - from, value);
}

std::string without(const std::string& name) {
  std::string page = kPage;
  const size_t line = page.find("\nfalcosecurity_" + name) + 1;
  EXPECT_NE(line, 0) << name;
  return page.erase(line, page.find('\n', line) + 1 - line);
}

class Falco : public ::testing::Test {
 protected:
  v1::ProtectionProduct read(const std::string& answer) {
    ProductWorld world;
    world.root().write("/usr/bin/falco", "");
    world.answer("processes", "1 0 systemd\n812 0 falco\n");
    world.answer("falco", answer);
    const auto product = world.read(read_falco);
    EXPECT_TRUE(product);
    return product.value_or(v1::ProtectionProduct());
  }
};

TEST_F(Falco, ThatIsNotThereIsNone) {
  ProductWorld world;
  world.root().write("/etc/falco/falco.yaml", "");
  EXPECT_FALSE(world.read(read_falco));
}

TEST_F(Falco, IsAsItsMetricsSay) {
  const v1::ProtectionProduct product = read(answer_of(kPage));
  EXPECT_EQ(product.version(), "0.41.0");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.mode_words(), "engine bpf");
  EXPECT_TRUE(product.has_events_lost());
  EXPECT_EQ(product.events_lost(), 0);
  EXPECT_EQ(product.rule_digest().size(), 64);
  EXPECT_FALSE(product.has_rule_count());
  EXPECT_TRUE(product.unread().empty()) << product.DebugString();
}

// "Ready" is what /healthz says at once; this is whether anything comes.
TEST_F(Falco, ThatHasSeenNothingDetectsNothing) {
  const v1::ProtectionProduct product = read(answer_of(with("scap_n_evts_total", "0")));
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_THAT(product.mode_words(), HasSubstr("no event"));
}

TEST_F(Falco, CountsWhatItLosesBeforeAndBehindItself) {
  std::string page = with("scap_n_drops_total", "1.03911e+05");
  const v1::ProtectionProduct product =
      read(answer_of(page + "falcosecurity_falco_outputs_queue_num_drops_total 9\n"));
  EXPECT_EQ(product.events_lost(), 103911 + 9);
  EXPECT_THAT(product.events_detail(), HasSubstr("103911 events"));
  EXPECT_THAT(product.events_detail(), HasSubstr("9 alerts"));
}

TEST_F(Falco, WhoseRulesChangeHasAnotherDigest) {
  std::string page = kPage;
  page.replace(page.find("58a4f187"), 8, "00000000");
  const std::string more =
      std::string(kPage) +
      "falcosecurity_falco_sha256_rules_files_info{file_name=\"a.yaml\",sha256=\"11\"} 1\n";
  const auto digest = [this](const std::string& text) {
    return read(answer_of(text)).rule_digest();
  };
  EXPECT_NE(digest(page), digest(kPage));
  EXPECT_NE(digest(more), digest(kPage));
  EXPECT_EQ(digest(with("scap_n_evts_total", "99")), digest(kPage));
}

TEST_F(Falco, WithoutItsCountersIsUnknownNotGood) {
  const v1::ProtectionProduct product = read(answer_of(without("scap_n_evts_total")));
  EXPECT_EQ(product.real_time(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_THAT(why_unread(product, "real_time"), HasSubstr("kernel_event_counters_enabled"));
  EXPECT_THAT(why_unread(read(answer_of(without("scap_n_drops_total"))), "events_lost"),
              HasSubstr("kernel_event_counters_enabled"));
  EXPECT_NE(why_unread(read(answer_of(without("falco_sha256"))), "rule_digest"), "");
}

// What is missing could be what was lost, or a file of rules.
TEST_F(Falco, WhosePageIsCutIsUnknown) {
  const std::string whole = answer_of(kPage);
  EXPECT_THAT(why_unread(read(whole.substr(0, whole.size() - 1)), "events_lost"),
              HasSubstr("breaks off"));
  const auto of_length = [](size_t length) {
    return fmt::format("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{}", length, kPage);
  };
  const size_t length = std::string_view(kPage).size();
  EXPECT_EQ(read(of_length(length)).version(), "0.41.0");
  for (const size_t other : {length + 1, length - 1}) {
    const v1::ProtectionProduct product = read(of_length(other));
    EXPECT_THAT(why_unread(product, "events_lost"), HasSubstr("breaks off")) << other;
    EXPECT_FALSE(product.has_events_lost());
  }
}

struct BadAnswer {
  std::string answer;
  const char* reason;
};

TEST_F(Falco, ThatAnswersOtherwiseIsUnknownAndSaysWhatToDo) {
  const BadAnswer answers[] = {
      {answer_of("Not Found", "404 Not Found"), "answers 404 Not Found: set metrics.enabled"},
      {answer_of(""), "no metrics: set metrics.enabled"},
      {answer_of("node_load1 0.5\n"), "no metrics"},
      {"\x15\x03\x03", "webserver.ssl_enabled"},
      {"", "webserver.ssl_enabled"},
      {"HTTP/1.1", "its web server answers"},
      {"HTTP/1.1 200 OK\r\n", "no body"},
  };
  for (const BadAnswer& bad : answers) {
    const v1::ProtectionProduct product = read(bad.answer);
    EXPECT_EQ(product.real_time(), v1::ANSWER_UNSPECIFIED);
    EXPECT_FALSE(product.has_events_lost());
    EXPECT_THAT(why_unread(product, "real_time"), HasSubstr(bad.reason)) << bad.answer;
    EXPECT_EQ(product.unread_size(), 4);
  }
}

TEST(FalcoMetrics, OfOddLinesAreWhatIsUnderstood) {
  const auto parsed = parse_falco_metrics(
      "falcosecurity_scap_n_evts_total{evt_source=\"a{b}\"} 5 1748557770999\n"
      "falcosecurity_scap_n_evts_total{evt_source=\"syscall\"} 2\r\n"
      "falcosecurity_scap_n_evts_total nan\n"
      "falcosecurity_scap_n_evts_total -3\n"
      "falcosecurity_scap_n_evts_total 1e300\n"
      "falcosecurity_scap_n_evts_total many\n"
      "falcosecurity_scap_n_evts_total{unfinished\n"
      "falcosecurity_falco_version_info{version=\"0.41.0\n");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->events, 7);
  EXPECT_EQ(parsed->version, "");
  EXPECT_FALSE(parsed->dropped_events);
}

TEST(FalcoMetrics, OfManyRuleFilesAreBounded) {
  std::string page;
  for (size_t i = 0; i <= kMostRuleFiles; ++i)
    page += "falcosecurity_falco_sha256_rules_files_info{file_name=\"a\",sha256=\"1\"} 1\n";
  EXPECT_EQ(parse_falco_metrics(page)->rule_files.size(), kMostRuleFiles);
}

}  // namespace
}  // namespace muster::intrusion_detection

#include "agent/output/target_report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "muster/v1/tcp_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

LookedAtTarget looked_at(const std::string& name, v1::TcpAnswer answer,
                         const std::vector<std::string>& attempts = {}) {
  LookedAtTarget one;
  one.target = {.name = name,
                .kind = "tcp",
                .address = name + ".example.org:443",
                .labels = {{"owner", "web"}},
                .place = "targets.d/web.yml:3:5"};
  v1::TcpFacts facts;
  facts.set_answer(answer);
  facts.mutable_attempts()->Assign(attempts.begin(), attempts.end());
  one.section.entity = name;
  one.section.probe = "tcp";
  one.section.outcome = v1::OUTCOME_OBSERVED;
  one.section.looked_at = TimePoint(1'800'000'000s);
  one.section.observed_at = one.section.looked_at;
  one.section.facts_type = facts.GetTypeName();
  one.section.facts = facts.SerializeAsString();
  if (answer == v1::TCP_ANSWER_CONNECTED) {
    v1::Measurement& took = one.section.measurements.emplace_back();
    took.set_name("connect_duration_seconds");
    took.set_value(0.0123);
  }
  return one;
}

LookedAtTarget not_looked_at(const std::string& name, const std::string& why) {
  LookedAtTarget one = looked_at(name, v1::TCP_ANSWER_UNSPECIFIED);
  one.section = SectionState();
  one.section.outcome = v1::OUTCOME_FAILED;
  one.section.reason = why;
  return one;
}

CheckReport report(const std::vector<LookedAtTarget>& targets,
                   CheckOptions::Format format = CheckOptions::Format::kTable) {
  CheckOptions options;
  options.format = format;
  return report_targets(targets, options);
}

TEST(TargetReport, ShowsTheWorstFirstAndCounts) {
  const CheckReport made = report(
      {looked_at("b", v1::TCP_ANSWER_CONNECTED), looked_at("z", v1::TCP_ANSWER_REFUSED),
       not_looked_at("y", "no name server answers"), looked_at("a", v1::TCP_ANSWER_CONNECTED)});
  EXPECT_EQ(made.text,
            "TARGET  KIND  ADDRESS            RESULT      TIME\n"
            "z       tcp   z.example.org:443  refused\n"
            "y       tcp   y.example.org:443  not looked\n"
            "a       tcp   a.example.org:443  connected   12.3 ms\n"
            "b       tcp   b.example.org:443  connected   12.3 ms\n"
            "\n"
            "y: no name server answers\n"
            "\n"
            "2 of 4 answer, 1 could not be looked at\n");
  EXPECT_EQ(made.exit_status, 1);
}

LookedAtTarget tls_target(std::vector<v1::TlsService> services) {
  LookedAtTarget one = not_looked_at("a", "");
  v1::TlsFacts facts;
  for (v1::TlsService& service : services)
    *facts.add_services() = std::move(service);
  one.section.outcome = v1::OUTCOME_OBSERVED;
  one.section.facts_type = facts.GetTypeName();
  one.section.facts = facts.SerializeAsString();
  return one;
}

v1::TlsService tls_service(const std::string& address, v1::TlsAnswer answer,
                           const std::string& version = "") {
  v1::TlsService service;
  service.set_address(address);
  service.set_answer(answer);
  service.set_version(version);
  return service;
}

TEST(TargetReport, SaysOfAnEndpointItsVersionAndWhichAddressIsBad) {
  using Rank = TargetResult::Rank;
  const v1::TlsService good = tls_service("192.0.2.1:443", v1::TLS_ANSWER_COMPLETED, "TLSv1.3");
  TargetResult result = result_of(tls_target({good}).section);
  EXPECT_EQ(result.rank, Rank::kAnswers);
  EXPECT_EQ(result.words, "TLSv1.3");
  EXPECT_EQ(result.note, "");
  result =
      result_of(tls_target({good, tls_service("192.0.2.2:443", v1::TLS_ANSWER_REFUSED)}).section);
  EXPECT_EQ(result.rank, Rank::kNoAnswer);
  EXPECT_EQ(result.words, "refused");
  EXPECT_EQ(result.note, "192.0.2.2:443 refuses the connection");
  result =
      result_of(tls_target({tls_service("192.0.2.2:443", v1::TLS_ANSWER_UNSPECIFIED)}).section);
  EXPECT_EQ(result.rank, Rank::kNotLookedAt);
  result = result_of(tls_target({}).section);
  EXPECT_EQ(result.rank, Rank::kNotLookedAt);
  EXPECT_EQ(result.note, "none of its addresses was asked");
  // All of them fit the table.
  for (int answer = 0; answer < 16; ++answer) {
    const auto each = static_cast<v1::TlsAnswer>(answer);
    EXPECT_LE(result_of(tls_target({tls_service("x", each)}).section).words.size(), 12U);
  }
}

TEST(TargetReport, ItsExitStatusIsOfTheWorst) {
  EXPECT_EQ(report({}).exit_status, 0);
  EXPECT_EQ(report({looked_at("a", v1::TCP_ANSWER_CONNECTED)}).exit_status, 0);
  EXPECT_EQ(report({not_looked_at("a", "x"), looked_at("b", v1::TCP_ANSWER_CONNECTED)}).exit_status,
            2);
  for (const v1::TcpAnswer answer : {v1::TCP_ANSWER_REFUSED, v1::TCP_ANSWER_TIMED_OUT,
                                     v1::TCP_ANSWER_UNREACHABLE, v1::TCP_ANSWER_NO_SUCH_NAME})
    EXPECT_EQ(report({not_looked_at("a", "x"), looked_at("b", answer)}).exit_status, 1);
}

TEST(TargetReport, FitsTheTerminalWhateverNamesAre) {
  std::vector<LookedAtTarget> targets = {
      looked_at(std::string(253, 'n'), v1::TCP_ANSWER_NO_SUCH_NAME),
      looked_at("short", v1::TCP_ANSWER_CONNECTED), not_looked_at("x", std::string(500, 'w'))};
  targets[1].section.measurements[0].set_value(59.999);
  std::istringstream lines(report(targets).text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(display_width(line), 80U) << line;
  EXPECT_THAT(report(targets).text, AllOf(HasSubstr("no such name"), HasSubstr("60.00 s")));
}

TEST(TargetReport, NamesEachAttemptWhereThereWereSeveral) {
  const CheckReport made = report(
      {looked_at("a", v1::TCP_ANSWER_REFUSED, {"192.0.2.1:443 refused", "192.0.2.2:443 timed out"}),
       looked_at("b", v1::TCP_ANSWER_REFUSED, {"192.0.2.3:443 refused"})});
  EXPECT_THAT(made.text, AllOf(HasSubstr("a: 192.0.2.1:443 refused, 192.0.2.2:443 timed out\n"),
                               Not(HasSubstr("192.0.2.3"))));
}

TEST(TargetReport, BoundsItsNotes) {
  std::vector<LookedAtTarget> targets;
  for (int i = 0; i < 21; ++i)
    targets.push_back(not_looked_at(fmt::format("t{:02}", i), "no name server answers"));
  const std::string text = report(targets).text;
  EXPECT_THAT(text, AllOf(HasSubstr("t19: no name"), Not(HasSubstr("t20: no name")),
                          HasSubstr("and 1 more: see --format json")));
}

TEST(TargetReport, IsJsonInTheShapeOfTheApi) {
  EXPECT_EQ(report({}, CheckOptions::Format::kJson).text, "{\"targets\": [\n]}\n");
  EXPECT_THAT(report({looked_at("a", v1::TCP_ANSWER_CONNECTED)}, CheckOptions::Format::kJson).text,
              AllOf(HasSubstr(R"("name":"a","kind":"tcp","address":"a.example.org:443")"),
                    HasSubstr(R"("labels":{"owner":"web"})"),
                    HasSubstr(R"("place":"targets.d/web.yml:3:5")"),
                    HasSubstr(R"("timeout_milliseconds":10000)"),
                    HasSubstr(R"("answer":"TCP_ANSWER_CONNECTED")")));
}

TEST(TargetReport, IsMetricsUnderTheirNames) {
  EXPECT_THAT(
      report({looked_at("a", v1::TCP_ANSWER_CONNECTED)}, CheckOptions::Format::kPrometheus).text,
      AllOf(HasSubstr("muster_target_tcp_connected{target=\"a\"} 1\n"),
            HasSubstr("muster_target_tcp_connect_duration_seconds{target=\"a\"} 0.0123\n"),
            HasSubstr("muster_target_last_look_timestamp_seconds{target=\"a\"} 1800000000")));
}

}  // namespace
}  // namespace muster::agent

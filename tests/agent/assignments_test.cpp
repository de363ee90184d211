#include "agent/targets/assignments.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/digest.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr TimePoint kServerTime = TimePoint(1'800'000'000s);
// A report that took two seconds, an hour after the machine started.
constexpr ReportTimes kTimes{.sent = 3600s, .came = 3602s};

Assignments::Rules allow(const std::string& network, const std::string& name = {}) {
  AllowedTargets entry{.networks = {*parse_network(network)}, .names = {}, .ports = {443}};
  if (!name.empty()) entry.names.push_back(name);
  return {.allowed = {entry}, .probes = {"tcp"}};
}

v1::Assignment assignment(const std::string& address, const std::string& target = "shop",
                          const std::string& probe = "tcp") {
  v1::Assignment made;
  made.set_target(target);
  made.set_probe(probe);
  made.set_address(address);
  made.set_interval_milliseconds(60'000);
  made.set_timeout_milliseconds(10'000);
  return made;
}

v1::SyncResponse answer_of_bytes(const std::string& list) {
  v1::SyncResponse response;
  response.set_assignment_list(list);
  response.set_assignments_sha256(sha256(list));
  *response.mutable_server_time() = to_proto(kServerTime);
  *response.mutable_assignments_valid_until() = to_proto(kServerTime + 180s);
  return response;
}

v1::SyncResponse answer(const std::vector<v1::Assignment>& assignments) {
  v1::AssignmentList list;
  list.mutable_assignments()->Assign(assignments.begin(), assignments.end());
  return answer_of_bytes(list.SerializeAsString());
}

std::vector<std::string> held_names(const Assignments& assignments) {
  std::vector<std::string> names;
  for (const auto& [name, target] : assignments.held())
    names.push_back(name);
  return names;
}

std::string digest_told(const Assignments& assignments) {
  v1::SyncRequest request;
  assignments.describe(request);
  return request.assignments_sha256();
}

TEST(Assignments, AreTakenWhereTheConfigurationAllowsThem) {
  Assignments assignments(allow("192.0.2.0/24", "www.example.org"));
  v1::Assignment moving = assignment("www.example.org:443", "www");
  *moving.mutable_not_before() = to_proto(kServerTime + 30s);
  *moving.mutable_valid_until() = to_proto(kServerTime + 90s);
  EXPECT_TRUE(assignments.take(answer({assignment("192.0.2.7:443"), moving}), kTimes));
  ASSERT_EQ(assignments.held().size(), 2U);
  const HeldTarget& shop = assignments.held().at("shop");
  EXPECT_EQ(shop.entity, "shop");
  EXPECT_EQ(shop.probe, "tcp");
  EXPECT_EQ(shop.address, "192.0.2.7:443");
  EXPECT_EQ(shop.interval, 60s);
  EXPECT_EQ(shop.timeout, 10s);
  EXPECT_EQ(shop.valid_until, kNever);
  EXPECT_EQ(assignments.end(), 3600s + 180s) << "counted from when the report was sent";
  const HeldTarget& www = assignments.held().at("www");
  EXPECT_GE(www.not_before, 3602s + 30s) << "counted from when the answer came";
  EXPECT_LE(www.not_before, 3602s + 30s + 1us);
  EXPECT_EQ(www.valid_until, 3600s + 90s);
  EXPECT_EQ(assignments.refused_total(), 0U);
}

TEST(Assignments, AreRefusedToldAndCountedWhereItDoesNot) {
  Assignments::Rules rules = allow("192.0.2.0/24");
  rules.disabled_probes = {"tls"};
  Assignments assignments(rules);
  v1::Assignment fast = assignment("192.0.2.7:443", "fast");
  fast.set_interval_milliseconds(999);
  v1::Assignment slow = assignment("192.0.2.7:443", "slow");
  slow.set_interval_milliseconds(86'400'001);
  const struct {
    v1::Assignment assignment;
    const char* why;
  } cases[] = {
      {assignment("127.0.0.1:443", "a"),
       "targets.allow in the agent.yml of this host does not list 127.0.0.1:443"},
      {assignment("192.0.2.7:22", "b"), "does not list 192.0.2.7:22"},
      {assignment("www.example.org:443", "c"), "does not list www.example.org:443"},
      {assignment("/etc/shadow", "d"), "'/etc/shadow' is not"},
      {assignment("127.1:443", "e"), "'127.1:443' is not"},
      {assignment("192.0.2.7:443", "f", "certificates"), "has no probe 'certificates'"},
      {assignment("192.0.2.7:443", "g", "../../bin/sh"), "has no probe '../../bin/sh'"},
      {assignment("192.0.2.7:443", "h", "tls"), "probes.tls is switched off"},
      {fast, "its interval is not from 1s to 24h"},
      {slow, "its interval is not from 1s to 24h"},
  };
  std::vector<v1::Assignment> all;
  for (const auto& test : cases)
    all.push_back(test.assignment);
  EXPECT_TRUE(assignments.take(answer(all), kTimes));
  EXPECT_TRUE(assignments.held().empty());
  EXPECT_EQ(assignments.refused_total(), std::size(cases));
  v1::SyncRequest request;
  assignments.describe(request);
  EXPECT_EQ(static_cast<size_t>(request.refused_targets_size()), std::size(cases));
  for (const auto& test : cases) {
    ASSERT_TRUE(assignments.refused().contains(test.assignment.target()));
    const RefusedTarget& refused = assignments.refused().at(test.assignment.target());
    EXPECT_THAT(refused.why, HasSubstr(test.why));
    EXPECT_EQ(refused.probe, refused.entity == "g" ? "" : test.assignment.probe());
  }
}

TEST(Assignments, OfKindTlsAreAllowedByTheAddressThatIsDialled) {
  Assignments::Rules rules = allow("192.0.2.0/24", "www.example.org");
  rules.probes = {"tcp", "tls"};
  Assignments assignments(rules);
  const std::string hostile = "192.0.2.7:443/" + std::string(10'000, 'a');
  EXPECT_TRUE(assignments.take(
      answer({assignment("192.0.2.7:443/other.example starttls=smtp", "a", "tls"),
              // As of a collector that knows no more than an address.
              assignment("www.example.org:443", "b", "tls"),
              assignment("203.0.113.7:443/www.example.org", "c", "tls"),
              assignment("192.0.2.7:443 proxy=203.0.113.7:3128", "d", "tls"),
              assignment("192.0.2.7:443/a.example", "e", "tcp"), assignment(hostile, "f", "tls"),
              assignment("192.0.2.7:443/a\r\nb", "g", "tls")}),
      kTimes));
  EXPECT_THAT(held_names(assignments), testing::ElementsAre("a", "b"));
  EXPECT_EQ(assignments.held().at("a").address, "192.0.2.7:443/other.example starttls=smtp");
  const auto why = [&](const char* name) { return assignments.refused().at(name).why; };
  EXPECT_THAT(why("c"), HasSubstr("does not list 203.0.113.7:443/www.example.org"));
  EXPECT_THAT(why("d"), HasSubstr("'proxy=203.0.113.7:3128' is nothing that an address may say"));
  EXPECT_THAT(why("e"), HasSubstr("'192.0.2.7:443/a.example' is not the address of a target"));
  EXPECT_THAT(why("f"), HasSubstr("is longer than 640 bytes"));
  EXPECT_LT(why("f").size(), 400);
  EXPECT_THAT(why("g"), HasSubstr(R"('a\x0d\x0ab' after the slash is not the name)"));
}

TEST(Assignments, OfNoNameOrOfOneThatIsTakenAreCountedOnly) {
  Assignments assignments(allow("192.0.2.0/24"));
  for (const std::string& name :
       {std::string(), std::string(254, 'x'), std::string("web1/postgresql"), std::string("a b"),
        std::string("shop")})
    assignments.take(answer({assignment("192.0.2.7:443"), assignment("192.0.2.8:443", name)}),
                     kTimes);
  EXPECT_EQ(assignments.refused_total(), 5U);
  EXPECT_TRUE(assignments.refused().empty());
  EXPECT_EQ(assignments.held().at("shop").address, "192.0.2.7:443");
}

TEST(Assignments, WithATimeOutThatIsNoneAreTakenWithTheNearest) {
  const struct {
    uint32_t interval;
    uint32_t timeout;
    Duration taken;
  } cases[] = {{60'000, 0, 100ms},        {60'000, 99, 100ms}, {60'000, 60'000, 60s},
               {86'400'000, 60'001, 60s}, {5'000, 6'000, 5s},  {5'000, 0xffffffff, 5s}};
  for (const auto& test : cases) {
    Assignments assignments(allow("192.0.2.0/24"));
    v1::Assignment given = assignment("192.0.2.7:443");
    given.set_interval_milliseconds(test.interval);
    given.set_timeout_milliseconds(test.timeout);
    assignments.take(answer({given}), kTimes);
    ASSERT_EQ(assignments.held().size(), 1U);
    EXPECT_EQ(assignments.held().at("shop").timeout, test.taken);
  }
}

TEST(Assignments, AreNoneWithoutAListOfWhatIsAllowed) {
  Assignments assignments({.allowed = {}, .probes = {"tcp"}});
  assignments.take(answer({assignment("192.0.2.7:443")}), kTimes);
  EXPECT_TRUE(assignments.held().empty());
}

TEST(Assignments, OfAnAnswerReplaceThoseOfTheLast) {
  Assignments assignments(allow("192.0.2.0/24"));
  assignments.take(answer({assignment("192.0.2.7:443", "a"), assignment("192.0.2.8:443", "b")}),
                   kTimes);
  EXPECT_THAT(held_names(assignments), ::testing::ElementsAre("a", "b"));
  assignments.take(answer({assignment("192.0.2.9:443", "c")}), kTimes);
  EXPECT_THAT(held_names(assignments), ::testing::ElementsAre("c"));
  assignments.take(answer({}), kTimes);
  EXPECT_TRUE(assignments.held().empty());
  EXPECT_EQ(digest_told(assignments), sha256("")) << "it has a list, which is empty";
}

TEST(Assignments, AreRenewedByTheSameDigestWithoutTheList) {
  Assignments assignments(allow("192.0.2.0/24"));
  v1::SyncResponse response = answer({assignment("192.0.2.7:443"), assignment("[::1]:443", "x")});
  EXPECT_EQ(digest_told(assignments), "");
  assignments.take(response, kTimes);
  EXPECT_EQ(digest_told(assignments), response.assignments_sha256());
  response.clear_assignment_list();
  *response.mutable_server_time() = to_proto(kServerTime + 60s);
  *response.mutable_assignments_valid_until() = to_proto(kServerTime + 240s);
  EXPECT_TRUE(assignments.take(response, {.sent = 3660s, .came = 3661s}));
  EXPECT_EQ(assignments.held().size(), 1U);
  EXPECT_EQ(assignments.end(), 3840s);
  EXPECT_EQ(assignments.refused_total(), 1U) << "it did not come again";
}

TEST(Assignments, WithoutADigestAreNone) {
  Assignments assignments(allow("192.0.2.0/24"));
  assignments.take(answer({assignment("192.0.2.7:443"), assignment("[::1]:443", "x")}), kTimes);
  v1::SyncResponse none;
  none.set_assignment_list("what nobody hashed");
  EXPECT_TRUE(assignments.take(none, kTimes));
  EXPECT_TRUE(assignments.held().empty());
  EXPECT_TRUE(assignments.refused().empty());
  EXPECT_EQ(assignments.end(), 0s);
}

TEST(Assignments, OfAnAnswerThatIsNotUnderstoodLeaveThoseBefore) {
  const v1::SyncResponse good = answer({assignment("192.0.2.7:443")});
  v1::SyncResponse damaged = answer({assignment("192.0.2.8:443", "other")});
  damaged.mutable_assignment_list()->back() ^= 1;
  v1::SyncResponse short_digest = answer({assignment("192.0.2.8:443", "other")});
  short_digest.set_assignments_sha256("x");
  v1::SyncResponse unknown_digest = good;
  unknown_digest.clear_assignment_list();
  unknown_digest.set_assignments_sha256(std::string(32, 'x'));
  v1::SyncResponse without_time = good;
  without_time.clear_server_time();
  v1::SyncResponse of_no_year = good;
  of_no_year.mutable_server_time()->set_seconds(std::numeric_limits<int64_t>::max());
  v1::SyncResponse without_end = good;
  without_end.clear_assignments_valid_until();
  v1::SyncResponse end_of_no_year = good;
  end_of_no_year.mutable_assignments_valid_until()->set_seconds(
      std::numeric_limits<int64_t>::lowest());
  const v1::SyncResponse no_list = answer_of_bytes("\x0a\x7f no list");
  for (const v1::SyncResponse& bad : {damaged, short_digest, unknown_digest, without_time,
                                      of_no_year, without_end, end_of_no_year, no_list}) {
    Assignments assignments(allow("192.0.2.0/24"));
    ASSERT_TRUE(assignments.take(good, kTimes));
    EXPECT_FALSE(assignments.take(bad, {.sent = 3700s, .came = 3700s}));
    EXPECT_THAT(held_names(assignments), ::testing::ElementsAre("shop"));
    EXPECT_EQ(assignments.end(), 3780s);
    EXPECT_EQ(digest_told(assignments), good.assignments_sha256());
  }
}

TEST(Assignments, SayOnceThatAnAnswerIsNotUnderstood) {
  Assignments assignments(allow("192.0.2.0/24"));
  v1::SyncResponse bad = answer({assignment("192.0.2.7:443")});
  bad.clear_server_time();
  testing::internal::CaptureStderr();
  assignments.take(bad, kTimes);
  assignments.take(bad, kTimes);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("it does not say what time it is"));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
}

TEST(Assignments, AreNeverLeasedForLongerThanADayAndAnHour) {
  Assignments assignments(allow("192.0.2.0/24"));
  v1::SyncResponse response = answer({assignment("192.0.2.7:443")});
  *response.mutable_assignments_valid_until() = to_proto(kServerTime + 24h * 365 * 1000);
  assignments.take(response, kTimes);
  EXPECT_EQ(assignments.end(), 3600s + 25h);
  // And an end that has passed, or moves back, is the end.
  *response.mutable_assignments_valid_until() = to_proto(kServerTime - 24h * 365);
  assignments.take(response, kTimes);
  EXPECT_LT(assignments.end(), 0s);
}

TEST(Assignments, ThatANewConfigurationDoesNotAllowAreDroppedAtOnceAndTheListIsAskedForAgain) {
  Assignments assignments(allow("192.0.2.0/24"));
  assignments.take(answer({assignment("192.0.2.7:443", "a"), assignment("192.0.2.200:443", "b")}),
                   kTimes);
  assignments.allow(allow("192.0.2.0/25"));
  EXPECT_THAT(held_names(assignments), ::testing::ElementsAre("a"));
  EXPECT_THAT(assignments.refused().at("b").why, HasSubstr("does not list 192.0.2.200:443"));
  EXPECT_EQ(digest_told(assignments), "") << "what was refused before may be allowed now";
  EXPECT_EQ(assignments.end(), 3780s);
}

TEST(Assignments, OfAProbeThatIsSwitchedOffAreDropped) {
  Assignments assignments(allow("192.0.2.0/24"));
  assignments.take(answer({assignment("192.0.2.7:443")}), kTimes);
  Assignments::Rules rules = allow("192.0.2.0/24");
  std::swap(rules.probes, rules.disabled_probes);
  assignments.allow(rules);
  EXPECT_TRUE(assignments.held().empty());
  EXPECT_THAT(assignments.refused().at("shop").why, HasSubstr("probes.tcp is switched off"));
}

TEST(Assignments, BeyondTheBoundAreRefused) {
  std::vector<v1::Assignment> many;
  for (size_t i = 0; i < kMostAssignments + kMostRefusedNames + 5; ++i)
    many.push_back(assignment("192.0.2.7:443", fmt::format("t{:05}", i)));
  Assignments assignments(allow("192.0.2.0/24"));
  assignments.take(answer(many), kTimes);
  EXPECT_EQ(assignments.held().size(), kMostAssignments);
  EXPECT_EQ(assignments.refused_total(), kMostRefusedNames + 5);
  EXPECT_EQ(assignments.refused().size(), kMostRefusedNames);
  EXPECT_EQ(assignments.refused().begin()->first, "t10000");
  v1::SyncRequest request;
  assignments.describe(request);
  EXPECT_EQ(static_cast<size_t>(request.refused_targets_size()), kMostRefusedNames);
}

TEST(Assignments, TellAtMostSoManyThatTheyRefuse) {
  std::vector<v1::Assignment> many;
  for (size_t i = 0; i < kMostRefusedNames + 1; ++i)
    many.push_back(assignment("10.0.0.1:443", fmt::format("t{:05}", i)));
  Assignments assignments(allow("192.0.2.0/24"));
  assignments.take(answer(many), kTimes);
  EXPECT_EQ(assignments.refused().size(), kMostRefusedNames + 1);
  v1::SyncRequest request;
  assignments.describe(request);
  EXPECT_EQ(static_cast<size_t>(request.refused_targets_size()), kMostRefusedNames);
}

// Each is two bytes on the wire and a hundred in memory: parsed as one message they would be 200
// MB.
TEST(Assignments, ByTheMillionCostNoMemory) {
  std::string list;
  for (int i = 0; i < 1'000'000; ++i)
    list += std::string("\x0a\x00", 2);
  Assignments assignments(allow("192.0.2.0/24"));
  EXPECT_TRUE(assignments.take(answer_of_bytes(list), kTimes));
  EXPECT_EQ(assignments.refused_total(), 1'000'000U);
  EXPECT_TRUE(assignments.held().empty());
  EXPECT_TRUE(assignments.refused().empty());
}

TEST(Assignments, ThatWereLeftAreTakenUpAsFarAsTheyAreAllowed) {
  Assignments assignments(allow("192.0.2.0/24"));
  const HeldTarget a{.entity = "a",
                     .probe = "tcp",
                     .address = "192.0.2.7:443",
                     .interval = 60s,
                     .timeout = 10s,
                     .not_before = 10s,
                     .valid_until = 99s};
  HeldTarget b = a;
  b.entity = "b";
  b.address = "127.0.0.1:443";
  assignments.resume({a, b}, 100s);
  ASSERT_THAT(held_names(assignments), ::testing::ElementsAre("a"));
  EXPECT_EQ(assignments.held().at("a"), a);
  EXPECT_EQ(assignments.end(), 100s);
  EXPECT_EQ(digest_told(assignments), "") << "so that the list comes";
}

}  // namespace
}  // namespace muster::agent

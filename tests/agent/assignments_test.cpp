#include "agent/targets/assignments.h"

#include <gtest/gtest.h>

#include <random>

namespace muster::agent {
namespace {

std::vector<AllowedTargets> allow(const std::string& network, const std::string& name = {}) {
  AllowedTargets entry{.networks = {*parse_network(network)}, .names = {}, .ports = {443}};
  if (!name.empty()) entry.names.push_back(name);
  return {entry};
}

v1::Assignment assignment(const std::string& address, const std::string& probe = "tls-endpoint",
                          const std::string& target = "shop") {
  v1::Assignment made;
  made.set_target(target);
  made.set_probe(probe);
  made.set_address(address);
  made.mutable_not_before()->set_seconds(1'000);
  made.mutable_valid_until()->set_seconds(2'000);
  return made;
}

v1::SyncResponse answer(const std::vector<v1::Assignment>& assignments) {
  v1::SyncResponse response;
  v1::AssignmentList list;
  list.mutable_assignments()->Assign(assignments.begin(), assignments.end());
  response.set_assignment_list(list.SerializeAsString());
  return response;
}

TEST(Assignments, AreTakenWhereTheConfigurationAllowsThem) {
  Assignments assignments(allow("192.0.2.0/24", "www.example.org"), {"tls-endpoint"});
  assignments.take(answer({assignment("192.0.2.7:443"), assignment("www.example.org:443")}));
  ASSERT_EQ(assignments.taken().size(), 2U);
  EXPECT_EQ(assignments.taken()[0].target, "shop");
  EXPECT_EQ(assignments.taken()[0].address.text(), "192.0.2.7:443");
  EXPECT_EQ(assignments.taken()[0].not_before, TimePoint(std::chrono::seconds(1'000)));
  EXPECT_EQ(assignments.taken()[0].valid_until, TimePoint(std::chrono::seconds(2'000)));
  EXPECT_EQ(assignments.refused(), 0U);
}

TEST(Assignments, AreRefusedAndCountedWhereItDoesNot) {
  Assignments assignments(allow("192.0.2.0/24"), {"tls-endpoint"});
  assignments.take(answer({
      assignment("127.0.0.1:443"),
      assignment("192.0.2.7:22"),
      assignment("www.example.org:443"),
      assignment("/etc/shadow"),
      assignment("192.0.2.7:443", "certificates"),
      assignment("192.0.2.7:443", "../../bin/sh"),
      assignment("192.0.2.7:443", "tls-endpoint", ""),
      assignment("192.0.2.7:443", "tls-endpoint", std::string(256, 'x')),
  }));
  EXPECT_TRUE(assignments.taken().empty());
  EXPECT_EQ(assignments.refused(), 8U);
}

TEST(Assignments, AreNoneWithoutAListOfWhatIsAllowed) {
  Assignments assignments({}, {"tls-endpoint"});
  assignments.take(answer({assignment("192.0.2.7:443")}));
  EXPECT_TRUE(assignments.taken().empty());
}

TEST(Assignments, OfAnAnswerReplaceThoseOfTheLast) {
  Assignments assignments(allow("192.0.2.0/24"), {"tls-endpoint"});
  assignments.take(answer({assignment("192.0.2.7:443"), assignment("192.0.2.8:443")}));
  assignments.take(answer({assignment("192.0.2.9:443")}));
  ASSERT_EQ(assignments.taken().size(), 1U);
  EXPECT_EQ(assignments.taken()[0].address.host, "192.0.2.9");
  assignments.take(answer({}));
  EXPECT_TRUE(assignments.taken().empty());
}

TEST(Assignments, ThatANewConfigurationDoesNotAllowAreDroppedAtOnce) {
  Assignments assignments(allow("192.0.2.0/24"), {"tls-endpoint"});
  assignments.take(answer({assignment("192.0.2.7:443"), assignment("192.0.2.200:443")}));
  assignments.allow(allow("192.0.2.0/25"));
  ASSERT_EQ(assignments.taken().size(), 1U);
  EXPECT_EQ(assignments.taken()[0].address.host, "192.0.2.7");
}

TEST(Assignments, BeyondTheBoundAreRefused) {
  Assignments assignments(allow("192.0.2.0/24"), {"tls-endpoint"});
  assignments.take(
      answer(std::vector<v1::Assignment>(kMostAssignments + 1, assignment("192.0.2.7:443"))));
  EXPECT_EQ(assignments.taken().size(), static_cast<size_t>(kMostAssignments));
  EXPECT_EQ(assignments.refused(), 1U);
}

}  // namespace
}  // namespace muster::agent

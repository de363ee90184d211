// What a newer collector answers to this agent, and a newer probe or agent leaves on this host.
#include <gmock/gmock.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>

#include <sstream>

#include "agent/launcher/section_stream.h"
#include "agent/outbox/outbox.h"
#include "common/digest.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using ::testing::HasSubstr;

// Field 1999, "of the future", as no message has it.
const std::string unknown_field =
    "\xfa\x7c\x0d"
    "of the future";

class NewerCollector : public ::testing::Test {
 protected:
  std::unique_ptr<Outbox> open() {
    auto outbox = Outbox::open({.directory = directory_.file("outbox"), .write = {}}, clock_);
    EXPECT_TRUE(outbox.ok()) << outbox.status();
    return *std::move(outbox);
  }

  static v1::Section section(const std::string& facts) {
    v1::Section section;
    section.set_probe("firewall");
    section.set_outcome(v1::OUTCOME_OBSERVED);
    section.set_facts_type("muster.v1.FirewallFacts");
    section.set_facts(facts);
    return section;
  }

  static std::string delimited(const v1::Section& section) {
    std::ostringstream bytes;
    google::protobuf::util::SerializeDelimitedToOstream(section, &bytes);
    return bytes.str();
  }

  test::TemporaryDirectory directory_;
  SystemClock clock_;
};

TEST_F(NewerCollector, WithUnknownFieldsInItsAnswerIsUnderstood) {
  const auto outbox = open();
  ASSERT_TRUE(outbox->record(section("facts")).ok());
  v1::SyncResponse response;
  response.set_epoch(outbox->epoch());
  v1::CommittedSection& committed = *response.add_committed();
  committed.set_probe("firewall");
  committed.set_sequence(1);
  v1::SyncResponse received;
  ASSERT_TRUE(committed.MergeFromString(unknown_field));
  ASSERT_TRUE(received.ParseFromString(response.SerializeAsString() + unknown_field));
  EXPECT_TRUE(outbox->acknowledge(received));
  EXPECT_EQ(outbox->statistics().waiting, 0);
}

TEST_F(NewerCollector, ThatWantsAndCommitsProbesOfTheFutureIsNoTrouble) {
  const auto outbox = open();
  ASSERT_TRUE(outbox->record(section("facts")).ok());
  v1::SyncResponse response;
  response.set_epoch(outbox->epoch());
  response.add_committed()->set_probe("quantum");
  response.add_wanted()->set_probe("quantum");
  outbox->acknowledge(response);
  EXPECT_EQ(outbox->statistics().waiting, 1);
}

TEST_F(NewerCollector, GetsFactsWithUnknownFieldsBitByBitAlsoAfterARestart) {
  const std::string facts = "\x0a\x03nft" + unknown_field;
  ASSERT_TRUE(open()->record(section(facts)).ok());
  const v1::SyncRequest request = open()->batch(1 << 20);
  ASSERT_EQ(request.versions_size(), 1);
  EXPECT_EQ(request.versions(0).facts(), facts);
  EXPECT_EQ(request.versions(0).digest(), sha256(facts));
}

TEST_F(NewerCollector, GetsTheFactsOfAProbeOfASiteWhateverTheirType) {
  const std::string facts = "\x0a\x03nft" + unknown_field;
  const auto sections = parse_section_stream(delimited(section(facts)));
  ASSERT_TRUE(sections.ok()) << sections.status();
  EXPECT_EQ(sections->front().facts(), facts);
}

TEST_F(NewerCollector, DoesNotGetAProbesOutcomeThatThisAgentDoesNotKnow) {
  v1::Section newer = section("facts");
  newer.set_outcome(static_cast<v1::Outcome>(99));
  const absl::Status refused = parse_section_stream(delimited(newer)).status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("unknown outcome 99"));
}

TEST_F(NewerCollector, GetsASectionWithUnknownFieldsFromANewerProbe) {
  v1::Section newer = section("facts");
  ASSERT_TRUE(newer.MergeFromString(unknown_field));
  const auto sections = parse_section_stream(delimited(newer));
  ASSERT_TRUE(sections.ok()) << sections.status();
  const auto outbox = open();
  ASSERT_TRUE(outbox->record(sections->front()).ok());
  EXPECT_EQ(outbox->batch(1 << 20).versions(0).facts(), "facts");
}

}  // namespace
}  // namespace muster::agent

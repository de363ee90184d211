#include "agent/probes/network/look_request.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/output/status_text.h"
#include "common/descriptor.h"

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

v1::TargetBatch batch_of(int looks) {
  v1::TargetBatch batch;
  for (int i = 0; i < looks; ++i) {
    v1::TargetLook& look = *batch.add_looks();
    look.set_entity("shop");
    look.set_address("192.0.2.7:443");
  }
  return batch;
}

std::string complaint(const std::string& request, const std::string* batch) {
  const auto parsed = parse_look_request(request, batch, "tcp");
  return parsed.ok() ? "" : std::string(agent::text_of(parsed.status()));
}

TEST(LookRequest, TakesTheBatchOfTheDescriptorRatherThanStdins) {
  v1::ProbeRequest request;
  *request.mutable_targets() = batch_of(3);
  const auto by_hand = parse_look_request(request.SerializeAsString(), nullptr, "tcp");
  ASSERT_TRUE(by_hand.ok());
  EXPECT_EQ(by_hand->looks.size(), 3u);
  const std::string batch = batch_of(1).SerializeAsString();
  const auto of_agent = parse_look_request(request.SerializeAsString(), &batch, "tcp");
  ASSERT_TRUE(of_agent.ok());
  EXPECT_EQ(of_agent->looks.size(), 1u);
  const std::string none;
  const auto of_nothing = parse_look_request(request.SerializeAsString(), &none, "tcp");
  ASSERT_TRUE(of_nothing.ok());
  EXPECT_EQ(of_nothing->looks.size(), 0u);
}

TEST(LookRequest, WhoeverWritesTheBatchWritesNoRules) {
  // The bytes of a ProbeRequest with rules, as a batch: its fields are others.
  v1::ProbeRequest forged;
  forged.mutable_target_rules()->set_anywhere(true);
  const std::string batch = forged.SerializeAsString() + batch_of(1).SerializeAsString();
  const auto parsed = parse_look_request("", &batch, "tcp");
  if (parsed.ok()) {
    EXPECT_FALSE(parsed->rules.allows({.host = "192.0.2.7", .port = 443}));
  }
}

TEST(LookRequest, RoundsItsTimesSoThatNoLookIsEarlyAndNoneLate) {
  v1::TargetBatch batch = batch_of(1);
  batch.mutable_looks(0)->set_start_nanoseconds(1'000'000'001);
  batch.mutable_looks(0)->set_end_nanoseconds(2'000'000'999);
  batch.mutable_looks(0)->set_timeout_milliseconds(2500);
  const std::string bytes = batch.SerializeAsString();
  const auto parsed = parse_look_request("", &bytes, "tcp");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->looks[0].start, 1'000'001us);
  EXPECT_EQ(parsed->looks[0].end, 2s);
  EXPECT_EQ(parsed->looks[0].timeout, 2500ms);
}

TEST(LookRequest, HasUsualTimesWhereNoneAreGivenAndBoundedOnesWhereWrongOnesAre) {
  v1::TargetBatch batch = batch_of(2);
  batch.mutable_looks(1)->set_start_nanoseconds(std::numeric_limits<int64_t>::min());
  batch.mutable_looks(1)->set_end_nanoseconds(-1);
  batch.mutable_looks(1)->set_timeout_milliseconds(std::numeric_limits<uint32_t>::max());
  const std::string bytes = batch.SerializeAsString();
  const auto parsed = parse_look_request("", &bytes, "tcp");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->looks[0].timeout, 10s);
  EXPECT_EQ(parsed->looks[0].start, 0s);
  EXPECT_EQ(parsed->looks[0].end, Duration::max());
  EXPECT_EQ(parsed->looks[1].timeout, 1min);
  EXPECT_EQ(parsed->looks[1].start, 0s);
  // Over before it began.
  EXPECT_EQ(parsed->looks[1].end, 0s);
}

TEST(LookRequest, TenThousandLooksAreTakenAndOneMoreIsRefused) {
  const std::string most = batch_of(kMostLooks).SerializeAsString();
  EXPECT_EQ(complaint("", &most), "");
  const std::string more = batch_of(kMostLooks + 1).SerializeAsString();
  EXPECT_THAT(complaint("", &more), HasSubstr("has 10001 looks and may have 10000"));
}

TEST(LookRequest, BrokenOrTooManyBytesAreRefusedWithASentence) {
  const std::string broken = "\x0a\xff";
  EXPECT_THAT(complaint("", &broken), HasSubstr("descriptor 99 has no muster.v1.TargetBatch"));
  EXPECT_THAT(complaint(broken, nullptr), HasSubstr("stdin is not a muster.v1.ProbeRequest"));
  const std::string large(kBatchLimit + 1, '\0');
  EXPECT_THAT(complaint("", &large), HasSubstr("at most 4 MiB"));
  EXPECT_THAT(complaint(std::string(kRequestLimit + 1, '\0'), nullptr), HasSubstr("stdin is not"));
}

TEST(LookRequest, AnEntityThatIsNoNameIsRefused) {
  for (const size_t size : {size_t{0}, size_t{256}}) {
    v1::TargetBatch batch = batch_of(1);
    batch.mutable_looks(0)->set_entity(std::string(size, 'x'));
    const std::string bytes = batch.SerializeAsString();
    EXPECT_THAT(complaint("", &bytes), HasSubstr("it has 1 to 255"));
  }
}

TEST(LookRequest, RulesThatRootCouldNotHaveWrittenAreRefused) {
  const auto refused = [](auto change) {
    v1::ProbeRequest request;
    change(*request.mutable_target_rules());
    return complaint(request.SerializeAsString(), nullptr);
  };
  EXPECT_THAT(
      refused([](v1::TargetRules& rules) { rules.add_allow()->add_networks("10.0.0.1/8"); }),
      HasSubstr("has host bits"));
  EXPECT_THAT(refused([](v1::TargetRules& rules) { rules.add_allow()->add_names("10.0.0.1"); }),
              HasSubstr("is not a name"));
  EXPECT_THAT(refused([](v1::TargetRules& rules) { rules.add_allow()->add_ports(65536); }),
              HasSubstr("65536 is not a port"));
  EXPECT_THAT(refused([](v1::TargetRules& rules) { rules.add_own("127.0.0.1:0"); }),
              HasSubstr("is not an address"));
}

TEST(LookRules, OwnAddressesLeadAnywhereAndOthersNowhereWithoutAnEntry) {
  v1::TargetRules rules;
  rules.add_own("127.0.0.1:5432");
  rules.add_own("db1:5432");
  const auto parsed = LookRules::create(rules, "tcp");
  ASSERT_TRUE(parsed.ok());
  const auto loopback = boost::asio::ip::make_address("127.0.0.1");
  EXPECT_TRUE(parsed->allows({.host = "127.0.0.1", .port = 5432}));
  EXPECT_TRUE(parsed->allows_at({.host = "127.0.0.1", .port = 5432}, loopback));
  EXPECT_TRUE(parsed->allows_at({.host = "db1", .port = 5432}, loopback));
  EXPECT_FALSE(parsed->allows({.host = "127.0.0.1", .port = 5433}));
  EXPECT_FALSE(parsed->allows({.host = "db2", .port = 5432}));
  EXPECT_FALSE(parsed->allows_at({.host = "db2", .port = 5432}, loopback));
}

TEST(LookRules, AreForTheProbesKind) {
  v1::TargetRules rules;
  v1::AllowedTarget& entry = *rules.add_allow();
  entry.add_networks("192.0.2.0/24");
  entry.add_ports(443);
  entry.add_kinds("tcp");
  EXPECT_TRUE(LookRules::create(rules, "tcp")->allows({.host = "192.0.2.7", .port = 443}));
  EXPECT_FALSE(LookRules::create(rules, "snmp")->allows({.host = "192.0.2.7", .port = 443}));
}

TEST(LookRules, WithoutAnyAllowNothingAndByHandAnythingButPortZero) {
  v1::TargetRules rules;
  EXPECT_FALSE(LookRules::create(rules, "tcp")->allows({.host = "192.0.2.7", .port = 443}));
  rules.set_anywhere(true);
  EXPECT_TRUE(LookRules::create(rules, "tcp")->allows({.host = "192.0.2.7", .port = 443}));
  EXPECT_FALSE(LookRules::create(rules, "tcp")->allows({.host = "192.0.2.7", .port = 0}));
}

TEST(LookRules, HaveTheProbesOwnPaceWhereRootGivesNone) {
  v1::TargetRules rules;
  EXPECT_EQ(LookRules::create(rules, "tcp")->pace().per_second, 100u);
  EXPECT_EQ(LookRules::create(rules, "tcp")->pace().per_address_per_second, 5u);
  rules.set_per_second(7);
  rules.set_per_address_per_second(3);
  EXPECT_EQ(LookRules::create(rules, "tcp")->pace().per_second, 7u);
  EXPECT_EQ(LookRules::create(rules, "tcp")->pace().per_address_per_second, 3u);
}

TEST(ReadDescriptor, ReadsFromTheBeginningWhereverThePositionIsAndPastTheLimitByOne) {
  const Descriptor file(::memfd_create("batch", MFD_CLOEXEC));
  const std::string text(100'000, 'x');
  ASSERT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  EXPECT_EQ(read_descriptor(file.get(), 1 << 20).value(), text);
  EXPECT_EQ(read_descriptor(file.get(), 1 << 20).value(), text);
  EXPECT_EQ(read_descriptor(file.get(), 99'999).value().size(), 100'000u);
  EXPECT_EQ(read_descriptor(file.get(), 70'000).value().size(), 70'001u);
}

TEST(ReadDescriptor, ReadsAPipeToItsEndAndSaysWhatIsWrongWithAClosedOne) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  ASSERT_EQ(::write(writer.get(), "abc", 3), 3);
  writer.reset(-1);
  EXPECT_EQ(read_descriptor(reader.get(), 10).value(), "abc");
  EXPECT_FALSE(read_descriptor(-1, 10).ok());
}

}  // namespace
}  // namespace muster::network_probe

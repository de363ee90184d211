// Machines, each named for its story, and what the probe says of them: expected/STORY.json. See
// README.md.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "agent/probes/hardware/hardware_look.h"
#include "common/files.h"
#include "muster/v1/hardware_facts.pb.h"
#include "tests/agent/probes/hardware/stories/stories.h"

namespace muster::hardware {
namespace {

class HardwareStories : public ::testing::TestWithParam<test::HardwareStory> {};

TEST_P(HardwareStories, AreToldAsExpected) {
  test::HardwareMachine machine;
  GetParam().tell(machine);
  const probe::HostAnswers answers = GetParam().answer == nullptr
                                         ? probe::HostAnswers("nobody was asked")
                                         : probe::HostAnswers(GetParam().answer());
  const v1::Section section = look_at_hardware(machine.root(), RunningSystem{}, answers);
  ASSERT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  v1::HardwareFacts facts;
  ASSERT_TRUE(facts.ParseFromString(section.facts()));

  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string told;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(facts, &told, options).ok());
  const std::string path = fmt::format("{}/tests/agent/probes/hardware/stories/expected/{}.json",
                                       MUSTER_SOURCE_DIRECTORY, GetParam().name);
  if (std::getenv("MUSTER_ACCEPT_STORIES") != nullptr) {
    std::ofstream(path) << told;
    return;
  }
  const auto expected = read_file(path, 1 << 20);
  ASSERT_TRUE(expected.ok()) << expected.status();
  v1::HardwareFacts expected_facts;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*expected, &expected_facts).ok());
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(expected_facts, facts)) << differences;
}

INSTANTIATE_TEST_SUITE_P(Machines, HardwareStories, ::testing::ValuesIn(test::hardware_stories()),
                         [](const auto& story) { return std::string(story.param.name); });

}  // namespace
}  // namespace muster::hardware

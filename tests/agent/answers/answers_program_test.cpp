// muster-answers as it is installed: who may ask, and what.
#include <gmock/gmock.h>

#include "tests/agent/answers/asked_world.h"
#include "tests/agent/answers/asking_program.h"

namespace muster::answers {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const AskingProgram program(MUSTER_BUILD_DIRECTORY "/libexec/muster/muster-answers");

std::vector<std::string> names_of(Group group) {
  std::vector<std::string> names;
  for (const Question& question : all_questions()) {
    if (is_asked(question, group)) names.emplace_back(question.name);
  }
  return names;
}

TEST(AnswersProgram, AnswersEveryQuestionOfItsGroup) {
  const Ended antivirus = program.run({"antivirus"});
  EXPECT_EQ(antivirus.status, 0);
  EXPECT_EQ(names_in_table(antivirus.text), names_of(Group::kAntivirus));
  const Ended intrusion = program.run({"intrusion-detection"});
  EXPECT_EQ(intrusion.status, 0);
  EXPECT_EQ(names_in_table(intrusion.text), names_of(Group::kIntrusionDetection));
}

TEST(AnswersProgram, TakesAnOrderOfOneByteOverASocket) {
  EXPECT_EQ(names_in_table(program.run_with_order("a").text), names_of(Group::kAntivirus));
  EXPECT_EQ(names_in_table(program.run_with_order("i").text), names_of(Group::kIntrusionDetection));
  EXPECT_EQ(names_in_table(program.run_with_order("i/bin/sh").text),
            names_of(Group::kIntrusionDetection));
}

TEST(AnswersProgram, ClosesOnAnyOtherByte) {
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == 'a' || byte == 'i') continue;
    const Ended ended = program.run_with_order(std::string(1, static_cast<char>(byte)));
    EXPECT_EQ(ended.status, kRefusedOrder) << byte;
    EXPECT_EQ(ended.text, "") << byte;
  }
  EXPECT_EQ(program.run_with_order("").status, kRefusedOrder);
}

TEST(AnswersProgram, AnswersNobodyButItsOwnUser) {
  if (!is_root_user) return;  // only root can be somebody else for a moment
  const Ended ended = program.run_with_order("a", kSomebody);
  EXPECT_EQ(ended.status, kRefusedUser);
  EXPECT_EQ(ended.text, "");
}

TEST(AnswersProgram, RefusesWhatIsNoOrder) {
  EXPECT_EQ(program.run({}).status, kRefusedOrder) << "without an argument and without a socket";
  for (const char* const word : {"", "a", "everything", "antivirus ", "/bin/sh", "--root"})
    EXPECT_EQ(program.run({word}).status, kRefusedOrder) << word;
  EXPECT_EQ(program.run({"antivirus", "intrusion-detection"}).status, kRefusedOrder);
}

TEST(AnswersProgram, SaysWhatItIs) {
  EXPECT_THAT(program.run({"--help"}).text, StartsWith("Usage: muster-answers antivirus|"));
  EXPECT_EQ(program.run({"--help"}).status, 0);
  EXPECT_THAT(program.run({"--version"}).text, StartsWith("muster-answers "));
}

}  // namespace
}  // namespace muster::answers

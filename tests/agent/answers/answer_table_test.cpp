#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "agent/answers/question_list.h"
#include "agent/asking/answer_table_reader.h"

namespace muster::answers {
namespace {

using ::testing::HasSubstr;

std::vector<Answer> some_answers() {
  return {{.name = "one",
           .outcome = Outcome::kAnswered,
           .status = -9,
           .text = {"a\0b", 3},
           .error_text = "e"},
          {.name = "two", .outcome = Outcome::kAbsent, .status = 2, .text = {}, .error_text = {}}};
}

TEST(AnswerTable, ComesBackAsItWasWritten) {
  const auto read = parse_table(write_table(some_answers()));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 2);
  EXPECT_EQ((*read)[0].name, "one");
  EXPECT_EQ((*read)[0].outcome, Outcome::kAnswered);
  EXPECT_EQ((*read)[0].status, -9);
  EXPECT_EQ((*read)[0].text, std::string("a\0b", 3));
  EXPECT_EQ((*read)[0].error_text, "e");
  EXPECT_EQ((*read)[1].outcome, Outcome::kAbsent);
  EXPECT_TRUE(parse_table(write_table({})).ok());
}

TEST(AnswerTable, IsWholeOrNone) {
  const std::string bytes = write_table(some_answers());
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parse_table(bytes.substr(0, size)).ok()) << size;
  EXPECT_THAT(parse_table(bytes + "x").status().message(), HasSubstr("follows"));
  EXPECT_THAT(parse_table("MUSTERA2" + bytes.substr(8)).status().message(), HasSubstr("version"));
  EXPECT_THAT(parse_table("").status().message(), HasSubstr("ended before"));
}

TEST(AnswerTable, IsReadWithinItsBounds) {
  const auto error_of = [](Answer answer) {
    return std::string(parse_table(write_table({std::move(answer)})).status().message());
  };
  const std::string name(kMostOfName, 'n');
  EXPECT_EQ(error_of({.name = name, .text = {}, .error_text = {}}), "");
  EXPECT_NE(error_of({.name = name + "n", .text = {}, .error_text = {}}), "");
  const std::string text(kMostOfAnswer, 't');
  EXPECT_EQ(error_of({.name = "one", .text = text, .error_text = {}}), "");
  EXPECT_NE(error_of({.name = "one", .text = text + "t", .error_text = {}}), "");
  const std::string error(kMostOfErrorText, 'e');
  EXPECT_EQ(error_of({.name = "one", .text = {}, .error_text = error}), "");
  EXPECT_NE(error_of({.name = "one", .text = {}, .error_text = error + "e"}), "");
  EXPECT_NE(error_of({.name = "one",
                      .outcome = static_cast<Outcome>(kOutcomes),
                      .text = {},
                      .error_text = {}}),
            "");
  const Answer one{.name = "one", .text = {}, .error_text = {}};
  EXPECT_TRUE(parse_table(write_table(std::vector<Answer>(kMostAnswers, one))).ok());
  EXPECT_FALSE(parse_table(write_table(std::vector<Answer>(kMostAnswers + 1, one))).ok());
}

TEST(AnswerTable, LeavesOutATextForWhichItHasNoRoom) {
  const Answer full{.name = std::string(kMostOfName, 'n'),
                    .outcome = Outcome::kAnswered,
                    .text = std::string(kMostOfAnswer, 't'),
                    .error_text = std::string(kMostOfErrorText, 'e')};
  const std::string bytes = write_table(std::vector<Answer>(kMostAnswers, full));
  EXPECT_LE(bytes.size(), kMostOfTable);
  const auto read = parse_table(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->front().outcome, Outcome::kAnswered);
  EXPECT_EQ(read->front().text.size(), kMostOfAnswer);
  EXPECT_EQ(read->back().outcome, Outcome::kTooLong);
  EXPECT_EQ(read->back().text, "");
  EXPECT_FALSE(parse_table(std::string(kMostOfTable + 1, 'x')).ok());
}

TEST(QuestionList, HasQuestionsThatCanBeAskedAndTold) {
  std::set<std::string_view> names;
  for (const Question& question : all_questions()) {
    EXPECT_TRUE(names.insert(question.name).second) << question.name << " is there twice";
    EXPECT_FALSE(question.name.empty());
    EXPECT_LE(question.name.size(), kMostOfName);
    EXPECT_GT(question.seconds, 0) << question.name;
    EXPECT_LE(question.seconds, 10) << question.name;
    EXPECT_EQ(question.kind == Kind::kCommand,
              question.sent.empty() && question.paths[0] != nullptr)
        << question.name;
    for (const auto& paths : {question.paths, question.settings}) {
      for (const char* const path : paths)
        EXPECT_TRUE(path == nullptr || *path == '/') << question.name;
    }
  }
  EXPECT_LE(all_questions().size(), kMostAnswers);
  EXPECT_TRUE(names.contains("processes"));
}

}  // namespace
}  // namespace muster::answers

// From the questions' table to the facts: programs that stand where the makers' do, and that answer
// as recorded if they are started with the words of the table, asked as muster-answers asks.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/agent/answers/asked_world.h"
#include "tests/agent/probes/antivirus/recordings.h"

namespace muster::antivirus::test {
namespace {

using answers::Answer;
using answers::Question;

const std::string* recorded_answer(const RecordedProduct& product, std::string_view question) {
  const auto found =
      std::find_if(product.answers.begin(), product.answers.end(),
                   [question](const RecordedAnswer& answer) { return answer.first == question; });
  return found == product.answers.end() ? nullptr : &found->second;
}

class AskedProducts : public answers::AHost {
 protected:
  // The program says this, for exactly these words. One program may have several.
  void add_program(const Question& question, const std::string& text) {
    std::string words;
    for (const char* const argument : question.arguments) {
      if (argument != nullptr) words += fmt::format("{}{}", words.empty() ? "" : " ", argument);
    }
    const std::string path = question.paths[0];
    const std::string said = directory_.write(fmt::format("{}.{}", path, question.name), text);
    std::string& program = programs_[path];
    program += fmt::format("[ \"$*\" = '{}' ] && exec cat '{}'\n", words, said);
    script(path, program + "echo \"unknown: $*\" >&2\nexit 2\n");
  }

  // The product's questions of the table, at the programs here.
  std::vector<Question> questions_of(const RecordedProduct& product) {
    std::vector<Question> questions;
    for (Question question : answers::all_questions()) {
      const std::string* const text = recorded_answer(product, question.name);
      if (text == nullptr || question.kind != answers::Kind::kCommand) continue;
      add_program(question, *text);
      question.paths = {kept(directory_.path() + question.paths[0])};
      question.seconds = 60;
      questions.push_back(question);
    }
    return questions;
  }

 private:
  std::map<std::string, std::string> programs_;
};

TEST_F(AskedProducts, SayWhatTheirRecordingsSay) {
  for (const RecordedProduct& product : recorded_products()) {
    protection::test::ProductWorld world;
    world.root().make_directory(std::string(product.directory));
    const std::vector<Question> questions = questions_of(product);
    EXPECT_FALSE(questions.empty()) << product.product;
    for (Answer& answer : ask_all(questions)) {
      EXPECT_EQ(answer.outcome, answers::Outcome::kAnswered) << answer.name;
      EXPECT_EQ(answer.error_text, "") << answer.name;
      world.answer(std::move(answer));
    }
    if (const std::string* processes = recorded_answer(product, "processes")) {
      world.answer("processes", *processes);
    }
    const auto facts = world.read(product.read);
    ASSERT_TRUE(facts) << product.product;
    EXPECT_EQ(facts->DebugString(), read_recorded(product.product).DebugString())
        << product.product;
  }
}

// Nothing is asked of which no test knows the answer.
TEST(AskedQuestions, AllHaveARecording) {
  for (const Question& question : answers::all_questions()) {
    if (question.group != answers::Group::kAntivirus || question.name.starts_with("clam")) continue;
    const auto products = recorded_products();
    EXPECT_TRUE(std::any_of(products.begin(), products.end(),
                            [&question](const RecordedProduct& product) {
                              return recorded_answer(product, question.name) != nullptr;
                            }))
        << question.name;
  }
}

}  // namespace
}  // namespace muster::antivirus::test

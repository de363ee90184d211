// What no recording shows, for every product alike: an answer that did not come, came too late, was
// too long, is of another kind, or is cut. Nothing of it may be taken for protection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/antivirus/recordings.h"

namespace muster::antivirus::test {
namespace {

using answers::Outcome;
using protection::test::ProductWorld;
using protection::test::why_unread;
using testing::HasSubstr;

// What is said where every answer of the product is of this kind.
struct Kind {
  const char* name;
  Outcome outcome;
  int32_t status;
  std::string text;
  std::string error_text;
  const char* reason;
};

v1::ProtectionProduct read_answered(const RecordedProduct& product, const Kind& kind) {
  ProductWorld world;
  world.root().make_directory(std::string(product.directory));
  for (const auto& [question, text] : product.answers) {
    world.answer(answers::Answer{.name = question,
                                 .outcome = kind.outcome,
                                 .status = kind.status,
                                 .text = kind.text,
                                 .error_text = kind.error_text});
  }
  auto facts = world.read(product.read);
  if (!facts) std::abort();
  return *std::move(facts);
}

void expect_nothing_is_claimed(const v1::ProtectionProduct& product, const std::string& reason,
                               const std::string& where) {
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED) << where;
  EXPECT_EQ(product.running(), v1::ANSWER_UNSPECIFIED) << where;
  EXPECT_EQ(product.real_time(), v1::ANSWER_UNSPECIFIED) << where;
  EXPECT_FALSE(product.has_loaded_signatures()) << where;
  EXPECT_FALSE(product.has_licence_ends_at()) << where;
  EXPECT_EQ(product.version(), "") << where;
  EXPECT_THAT(why_unread(product, "version"), HasSubstr(reason)) << where;
  for (const char* const fact : {"mode", "running", "real_time"}) {
    EXPECT_FALSE(why_unread(product, fact).empty()) << where << ": " << fact;
  }
}

TEST(CommercialReaders, ClaimNothingWithoutAUsableAnswer) {
  const std::vector<Kind> kinds = {
      {"the directory is there and the command is not", Outcome::kAbsent, 2, "", "",
       "is not there"},
      {"others may write to it", Outcome::kUnsafe, 0, "", "", "was not run"},
      {"it hangs", Outcome::kTimedOut, 0, "healthy: true\n", "", "not answer in time"},
      {"it prints 100 MB", Outcome::kTooLong, 0, std::string(answers::kMostOfAnswer, 'x'), "",
       "said more than 1024 KiB"},
      {"it could not be started", Outcome::kFailed, 12, "", "", "could not be asked"},
      {"it is not root", Outcome::kAnswered, 1, "", "you must be root\n",
       "ended with status 1: you must be root"},
      {"a signal", Outcome::kAnswered, -11, "", "", "ended with signal 11"},
  };
  for (const RecordedProduct& product : recorded_products()) {
    for (const Kind& kind : kinds) {
      expect_nothing_is_claimed(read_answered(product, kind), kind.reason,
                                std::string(product.product) + ": " + kind.name);
    }
  }
}

TEST(CommercialReaders, ClaimNothingWhereNobodyWasAsked) {
  for (const RecordedProduct& product : recorded_products()) {
    ProductWorld world;
    world.root().make_directory(std::string(product.directory));
    const auto facts = world.read(product.read);
    ASSERT_TRUE(facts);
    expect_nothing_is_claimed(*facts, "nobody was asked", std::string(product.product));
  }
}

TEST(CommercialReaders, ClaimNothingOfAnAnswerOfAnotherKind) {
  for (const RecordedProduct& product : recorded_products()) {
    for (const std::string& text :
         {std::string(), std::string("\n\n"), std::string("command not found\n"), std::string("{}"),
          std::string("[]"), std::string("{\"healthy\":"),
          std::string("\0\xff\xfe: \x80: :::\n  \n-\n- \n:\n", 20), std::string(100'000, '{'),
          std::string(100'000, '\n'), std::string(100'000, ':')}) {
      std::vector<RecordedAnswer> changed;
      for (const auto& [question, recorded_text] : product.answers) {
        if (question != "processes") changed.emplace_back(question, text);
      }
      const v1::ProtectionProduct facts = read_recorded(product.product, changed);
      const std::string where = std::string(product.product) + ": " + text.substr(0, 20);
      EXPECT_EQ(facts.mode(), v1::PROTECTION_MODE_UNSPECIFIED) << where;
      EXPECT_FALSE(why_unread(facts, "mode").empty()) << where;
      EXPECT_FALSE(why_unread(facts, "version").empty()) << where;
    }
  }
}

TEST(CommercialReaders, SayLessOfAnAnswerThatIsCutAndNothingElse) {
  for (const RecordedProduct& product : recorded_products()) {
    const v1::ProtectionProduct whole = read_recorded(product.product);
    for (const auto& [question, text] : product.answers) {
      if (question == "processes") continue;
      // A step that shares no number with the lengths of lines, so that all kinds of places are
      // met.
      for (size_t length = 0; length < text.size(); length += 37) {
        const v1::ProtectionProduct cut =
            read_recorded(product.product, {{question, text.substr(0, length)}});
        const std::string where = question + " cut after " + std::to_string(length);
        EXPECT_TRUE(cut.mode() == whole.mode() || !why_unread(cut, "mode").empty()) << where;
        EXPECT_TRUE(cut.real_time() == whole.real_time() || !why_unread(cut, "real_time").empty())
            << where;
        EXPECT_TRUE(cut.licensed() == whole.licensed() ||
                    cut.licensed() == v1::ANSWER_UNSPECIFIED ||
                    !why_unread(cut, "licence_ends_at").empty())
            << where;
      }
    }
  }
}

TEST(CommercialReaders, ReadAnAnswerBehindBannerLines) {
  for (const RecordedProduct& product : recorded_products()) {
    const v1::ProtectionProduct whole = read_recorded(product.product);
    std::vector<RecordedAnswer> changed;
    for (const auto& [question, text] : product.answers) {
      const bool has_version_line = question == "cortex-xdr-version" ||
                                    question == "eset-version" || question == "drweb-version";
      // Recorded with Microsoft's.
      constexpr const char* kBanner =
          "ATTENTION: No license found. Contact your administrator for help.\n\n";
      if (!has_version_line) changed.emplace_back(question, kBanner + text);
    }
    EXPECT_EQ(read_recorded(product.product, changed).SerializeAsString(),
              whole.SerializeAsString())
        << product.product;
  }
}

TEST(CommercialReaders, SayThatAProductIsNotInstalled) {
  for (const RecordedProduct& product : recorded_products()) {
    ProductWorld world;
    for (const auto& [question, text] : product.answers)
      world.answer(question, text);
    EXPECT_FALSE(world.read(product.read)) << product.product;
    EXPECT_TRUE(world.problems().empty()) << product.product;
  }
}

}  // namespace
}  // namespace muster::antivirus::test

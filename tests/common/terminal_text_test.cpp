#include "common/terminal_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster {
namespace {

using ::testing::ElementsAre;

TEST(TerminalText, MeasuresColumnsAndNotBytes) {
  struct Case {
    std::string text;
    size_t width;
  };
  for (const Case& c : {Case{"", 0},
                        {"abc", 3},
                        {"é", 1},
                        {"e\u0301", 1},
                        {"日本", 4},
                        {"✓✗–·…", 5},
                        {"🙂", 2},
                        {"\u200b", 0}}) {
    EXPECT_EQ(display_width(c.text), c.width) << c.text;
  }
}

TEST(TerminalText, WrapsAtSpacesAndBreaksOnlyWordsThatAreTooLong) {
  EXPECT_THAT(wrap_text("", 10), ElementsAre(""));
  EXPECT_THAT(wrap_text("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap_text("  one   two ", 20), ElementsAre("one two"));
  EXPECT_THAT(wrap_text("a /etc/very/long/path b", 8),
              ElementsAre("a", "/etc/ver", "y/long/p", "ath b"));
  EXPECT_THAT(wrap_text("12345678", 4), ElementsAre("1234", "5678"));
  EXPECT_THAT(wrap_text("日本語 日本", 5), ElementsAre("日本", "語", "日本"));
  EXPECT_THAT(wrap_text("日本", 1), ElementsAre("日", "本"));
  EXPECT_THAT(wrap_text("ab", 0), ElementsAre("a", "b"));
}

TEST(TerminalText, PadsAndCutsByColumns) {
  EXPECT_EQ(pad_right("日本", 6), "日本  ");
  EXPECT_EQ(pad_right("abc", 2), "abc");
  EXPECT_EQ(cut_to_width("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_to_width("abcdef", 4), "abc…");
  EXPECT_EQ(cut_to_width("日本語", 4), "日…");
  EXPECT_EQ(cut_to_width("abc", 1), ".");
  EXPECT_EQ(cut_to_width("abc", 0), "");
}

TEST(TerminalText, WritesOnlyAsciiWhereTheTerminalHasNoMore) {
  EXPECT_EQ(for_terminal("é · a… – 日", {.unicode = false}), "? | a... - ?");
  EXPECT_EQ(for_terminal("é", {}), "é");
}

TEST(TerminalText, PaintsOnlyInColour) {
  EXPECT_EQ(paint("x", Ink::kDim, {.color = false}), "x");
  EXPECT_EQ(paint("x", Ink::kDim, {.color = true}), "\x1b[2mx\x1b[0m");
}

TEST(TextTable, AlignsItsColumnsAndCutsTheLastOne) {
  EXPECT_EQ(render_text_table({"HOST", "STATUS"}, {{"web1", "✓ pass"}, {"日本", "\x1b[2Jx"}}, {}),
            "HOST  STATUS\n"
            "web1  ✓ pass\n"
            "日本  \\x1b[2Jx\n");
  EXPECT_EQ(render_text_table({"A", "B"}, {{"one", "a very long cell"}}, {.width = 12}),
            "A    B\n"
            "one  a very…\n");
  EXPECT_EQ(render_text_table({"A", "B"}, {}, {}), "A  B\n");
}

}  // namespace
}  // namespace muster

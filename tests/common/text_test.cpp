#include "common/text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace muster {
namespace {

const std::string replaced = "\xEF\xBF\xBD";

TEST(FirstLines, SayHowManyMoreThereAre) {
  EXPECT_EQ(first_lines("", 2), "");
  EXPECT_EQ(first_lines("a\nb", 2), "a\nb");
  EXPECT_EQ(first_lines("a\nb\n", 2), "a\nb");
  EXPECT_EQ(first_lines("a\nb\nc\nd", 2), "a\nb\nand 2 more");
}

TEST(Utf8, IsRepairedByteByByte) {
  struct Case {
    std::string text;
    std::string repaired;
  };
  const std::vector<Case> cases = {
      {"", ""},
      {"plain", "plain"},
      {"é 日 🙂", "é 日 🙂"},
      {std::string("a\0b", 3), std::string("a\0b", 3)},
      {"\x80", replaced},
      {"\xff\xfe", replaced + replaced},
      {"a\xc3", "a" + replaced},
      {"\xc3(", replaced + "("},
      // Overlong: "/" in two and in three bytes.
      {"\xc0\xaf", replaced + replaced},
      {"\xe0\x80\xaf", replaced + replaced + replaced},
      // A surrogate, and the first code point beyond the last.
      {"\xed\xa0\x80", replaced + replaced + replaced},
      {"\xf4\x90\x80\x80", replaced + replaced + replaced + replaced},
      {"\xf0\x9f\x99", replaced + replaced + replaced},
      {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(repair_utf8(c.text), c.repaired);
    EXPECT_EQ(is_valid_utf8(c.text), c.text == c.repaired);
  }
}

TEST(Utf8, IsValidOnceItIsRepairedWhateverItWas) {
  std::mt19937 random(1);
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes(random() % 16, '\0');
    for (char& c : bytes)
      c = static_cast<char>(random());
    const std::string repaired = repair_utf8(bytes);
    ASSERT_TRUE(is_valid_utf8(repaired));
    ASSERT_EQ(repair_utf8(repaired), repaired);
    for (size_t limit = 0; limit < 8; ++limit) {
      ASSERT_LE(truncate_utf8(repaired, limit).size(), limit);
      ASSERT_TRUE(is_valid_utf8(truncate_utf8(repaired, limit)));
    }
  }
}

TEST(TruncateUtf8, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(truncate_utf8("abcdef", 6), "abcdef");
  EXPECT_EQ(truncate_utf8("abcdefg", 6), "abc…");
  EXPECT_EQ(truncate_utf8("abéfgh", 6), "ab…");
  EXPECT_EQ(truncate_utf8("日本語", 8), "日…");
  EXPECT_EQ(truncate_utf8("abcdef", 3), "…");
  EXPECT_EQ(truncate_utf8("abcdef", 2), "");
}

TEST(Printable, ShowsControlCharactersInsteadOfObeyingThem) {
  EXPECT_EQ(printable("a\x1b[2Jb\n\x7f"), "a\\x1b[2Jb\\x0a\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "1A é"),
            "\\x9b1A é");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xff"), replaced);
  EXPECT_EQ(printable("abcdef", 5), "ab…");
  EXPECT_EQ(printable(std::string(100'000, '\n')).size(), 1024U);
}

TEST(NearestName, FindsWhatWasProbablyMeant) {
  const std::vector<std::string_view> known{"interval", "server", "deadline", "tls"};
  struct Case {
    std::string name;
    std::string nearest;
  };
  for (const Case& c : {Case{"intervall", "interval"},
                        {"intreval", "interval"},
                        {"sever", "server"},
                        {"TLS", ""},
                        {"tsl", "tls"},
                        {"completely", ""},
                        {"", ""}}) {
    EXPECT_EQ(nearest_name(c.name, known), c.nearest) << c.name;
  }
  EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(ToHex, IsLowerCase) {
  EXPECT_EQ(to_hex(std::string("\x00\xff\x1a", 3)), "00ff1a");
}

TEST(JoinSome, CountsTheRest) {
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  EXPECT_EQ(join_some({}, 3), "");
  EXPECT_EQ(join_some(std::span(names).first(1), 3), "a");
  EXPECT_EQ(join_some(names, 3), "a, b, c and 2 more");
  EXPECT_EQ(join_some(names, 4), "a, b, c, d, e") << "'and 1 more' is longer than the one";
}

TEST(Trim, TakesWhiteSpaceOffBothEnds) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

}  // namespace
}  // namespace muster

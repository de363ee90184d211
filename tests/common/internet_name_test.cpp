#include "common/internet_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace muster {
namespace {

using ::testing::HasSubstr;

struct Name {
  std::string_view written;
  std::string_view name;
};

TEST(InternetName, IsWhatRegistriesKnowItBy) {
  for (const Name& row : {
           Name{"example.org", "example.org"},
           Name{"Example.ORG.", "example.org"},
           Name{"1und1.de", "1und1.de"},
           Name{"a-b.example", "a-b.example"},
           Name{"Bücher.example", "xn--bcher-kva.example"},
           Name{"BÜCHER.example", "xn--bcher-kva.example"},
           // The same letter as u and a combining diaeresis.
           Name{"bu\u0308cher.example", "xn--bcher-kva.example"},
           // Not transitional: a domain of its own, not fussball.example.
           Name{"fußball.example", "xn--fuball-cta.example"},
           Name{"βόλος.com", "xn--nxasmm1c.com"},
           Name{"例え.テスト", "xn--r8jz45g.xn--zckzah"},
           // The full stop of Chinese and Japanese, and the wide one.
           Name{"例え。テスト", "xn--r8jz45g.xn--zckzah"},
           Name{"example\uff0eorg", "example.org"},
           Name{"ＥＸＡＭＰＬＥ.org", "example.org"},
           Name{"xn--bcher-kva.example", "xn--bcher-kva.example"},
           Name{"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
       }) {
    const auto name = to_internet_name(row.written);
    ASSERT_TRUE(name.ok()) << name.status();
    EXPECT_EQ(*name, row.name) << row.written;
  }
}

struct Refusal {
  std::string_view written;
  std::string_view why;
};

TEST(InternetName, IsRefusedWithTheReason) {
  for (const Refusal& row : {
           Refusal{"", "empty"},
           Refusal{"localhost", "it has no dot"},
           Refusal{".", "label is empty"},
           Refusal{"example..org", "label is empty"},
           Refusal{".example.org", "label is empty"},
           Refusal{"example.org..", "label is empty"},
           Refusal{"-a.example", "hyphen"},
           Refusal{"a-.example", "hyphen"},
           Refusal{"under_score.example", "letters, digits and hyphens"},
           Refusal{"under＿score.example", "letters, digits and hyphens"},
           Refusal{"two words.example", "letters, digits and hyphens"},
           Refusal{"example.org/path", "letters, digits and hyphens"},
           Refusal{"192.0.2.1", "IP address"},
           Refusal{"127.1", "IP address"},
           Refusal{"0x7f.0x1", "IP address"},
           Refusal{"2001:db8::1", "letters, digits and hyphens"},
           // No letter: ☃ is a symbol, which IDNA 2003 allowed and IDNA 2008 does not.
           Refusal{"☃.example", "does not allow"},
           // Punycode of a snowman, of a capital Ü, of what no label is, and of nothing at all.
           Refusal{"xn--n3h.example", "does not allow"},
           Refusal{"xn--bcher-2pa.example", "does not allow"},
           Refusal{"xn--a.example", "does not allow"},
           Refusal{"xn--.example", "punycode"},
           Refusal{"\xff\xfe.example", "UTF-8"},
           Refusal{std::string_view("a\0.example", 10), "UTF-8"},
       }) {
    const auto name = to_internet_name(row.written);
    ASSERT_FALSE(name.ok()) << row.written << " became " << *name;
    EXPECT_THAT(std::string(name.status().message()), HasSubstr(std::string(row.why)))
        << row.written;
  }
}

TEST(InternetName, IsBounded) {
  const std::string label(63, 'a');
  EXPECT_TRUE(to_internet_name(label + ".example").ok());
  EXPECT_FALSE(to_internet_name(label + "a.example").ok());
  // 253 bytes are the most of a name; its last dot does not count.
  const std::string three = label + "." + label + "." + label + ".";
  const std::string longest = three + std::string(61, 'a');
  ASSERT_EQ(longest.size(), 253U);
  EXPECT_TRUE(to_internet_name(longest).ok());
  EXPECT_TRUE(to_internet_name(longest + ".").ok());
  EXPECT_FALSE(to_internet_name(longest + "a").ok());
  EXPECT_FALSE(to_internet_name(std::string(1 << 20, 'a') + ".example").ok());
}

}  // namespace
}  // namespace muster

#include "agent/probes/lookalikes/permutations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/internet_name.h"

namespace muster::lookalikes {
namespace {

using domains::RegistrableName;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Not;
using ::testing::SizeIs;

constexpr size_t kMost = 100'000;

RegistrableName name_of(const std::string& name, const std::string& suffix) {
  return {.name = name, .public_suffix = suffix, .suffix_is_listed = true};
}

std::set<std::string> names_of(const Candidates& candidates, v1::LookalikeKind kind) {
  std::set<std::string> names;
  for (const Candidate& candidate : candidates.names) {
    if (candidate.kind == kind) names.insert(candidate.name);
  }
  return names;
}

TEST(Lookalikes, AreMadeInEachWay) {
  const Candidates made = candidates_of(name_of("best-mill.org", "org"), {}, kMost);
  struct Case {
    v1::LookalikeKind kind;
    std::vector<std::string> names;
  };
  const std::vector<Case> cases{
      {v1::LOOKALIKE_KIND_OMISSION,
       {"bet-mill.org", "est-mill.org", "best-mil.org", "bestmill.org"}},
      {v1::LOOKALIKE_KIND_REPETITION, {"besst-mill.org", "best-milll.org", "bbest-mill.org"}},
      {v1::LOOKALIKE_KIND_SWAP, {"ebst-mill.org", "bets-mill.org", "bes-tmill.org"}},
      {v1::LOOKALIKE_KIND_REPLACEMENT, {"vest-mill.org", "bwst-mill.org", "beat-mill.org"}},
      {v1::LOOKALIKE_KIND_HOMOGLYPH,
       {"best-rnill.org", "be5t-mill.org", "best-mi1l.org", "8est-mill.org",
        to_internet_name("bеst-mill.org").value()}},
      {v1::LOOKALIKE_KIND_HYPHENATION, {"b-est-mill.org", "best-m-ill.org"}},
      {v1::LOOKALIKE_KIND_BITFLIP, {"bast-mill.org"}},
      {v1::LOOKALIKE_KIND_VOWEL, {"bist-mill.org", "best-mell.org"}},
      {v1::LOOKALIKE_KIND_WORD,
       {"best-mill-login.org", "login-best-mill.org", "securebest-mill.org", "wwwbest-mill.org"}},
      {v1::LOOKALIKE_KIND_OTHER_SUFFIX, {"best-mill.com", "best-mill.co.uk", "best-mill.shop"}},
  };
  for (const Case& c : cases) {
    const std::set<std::string> names = names_of(made, c.kind);
    for (const std::string& name : c.names)
      EXPECT_THAT(names, Contains(name)) << v1::LookalikeKind_Name(c.kind);
  }
}

TEST(Lookalikes, AreEachThereOnceAreNamesAndAreNeverTheDomainItself) {
  for (const RegistrableName& domain :
       {name_of("example.org", "org"), name_of("a.org", "org"), name_of("aa.co.uk", "co.uk"),
        name_of("4you-2.de", "de"), name_of("xn--bcher-kva.example", "example"),
        name_of(std::string(63, 'm') + ".org", "org")}) {
    const Candidates made = candidates_of(domain, {}, kMost);
    std::set<std::string> seen;
    for (const Candidate& candidate : made.names) {
      EXPECT_TRUE(seen.insert(candidate.name).second) << candidate.name;
      EXPECT_NE(candidate.name, domain.name);
      EXPECT_NE(candidate.kind, v1::LOOKALIKE_KIND_UNSPECIFIED) << candidate.name;
      // What DNS is asked for, and what a reader is shown, are the same name.
      const auto again = to_internet_name(candidate.name);
      ASSERT_TRUE(again.ok()) << candidate.name;
      EXPECT_EQ(*again, candidate.name);
      if (!candidate.shown.empty()) {
        EXPECT_EQ(to_internet_name(candidate.shown).value(), candidate.name);
        EXPECT_NE(candidate.shown, candidate.name);
      }
    }
    EXPECT_FALSE(made.names.empty()) << domain.name;
    EXPECT_EQ(made.left_out, 0U);
  }
}

TEST(Lookalikes, OfAnotherAlphabetReadLikeTheDomain) {
  const Candidates made = candidates_of(name_of("space.com", "com"), {}, kMost);
  std::map<std::string, std::string> shown;
  for (const Candidate& candidate : made.names)
    shown[candidate.shown] = candidate.name;
  // All Cyrillic, and one letter of it.
  EXPECT_EQ(shown["ѕрасе.com"], to_internet_name("ѕрасе.com").value());
  EXPECT_TRUE(shown.contains("spаce.com"));
  EXPECT_TRUE(shown.contains("spacé.com"));
  // A name with a letter that has no twin is not written in Cyrillic alone.
  std::set<std::string> of_zen;
  for (const Candidate& candidate : candidates_of(name_of("zen.com", "com"), {}, kMost).names)
    of_zen.insert(candidate.shown);
  EXPECT_THAT(of_zen, AllOf(Contains("zеn.com"), Not(Contains("еn.com"))));
}

TEST(Lookalikes, OfANameInAnotherAlphabetAreMadeOfWhatPeopleRead) {
  const Candidates made = candidates_of(name_of("xn--bcher-kva.example", "example"), {}, kMost);
  std::set<std::string> shown;
  for (const Candidate& candidate : made.names)
    shown.insert(candidate.shown.empty() ? candidate.name : candidate.shown);
  EXPECT_THAT(shown, AllOf(Contains("bücer.example"), Contains("bcher.example"),
                           Contains("bücher.com"), Contains("bücher-login.example")));
  EXPECT_THAT(shown, Not(Contains("xn--bchr-kva.example")));
}

TEST(Lookalikes, TakeWhatTheTargetGivesBesides) {
  const Candidates made =
      candidates_of(name_of("example.org", "org"),
                    {.suffixes = {"museum", "com.br"}, .words = {"wähler"}}, kMost);
  EXPECT_THAT(
      names_of(made, v1::LOOKALIKE_KIND_OTHER_SUFFIX),
      AllOf(Contains("example.museum"), Contains("example.com.br"), Contains("example.com")));
  EXPECT_THAT(names_of(made, v1::LOOKALIKE_KIND_WORD),
              Contains(to_internet_name("example-wähler.org").value()));
}

TEST(Lookalikes, AreBoundedAndThoseThatDeceiveBestAreKept) {
  const RegistrableName domain = name_of("international-example.org", "org");
  const Candidates all = candidates_of(domain, {}, kMost);
  ASSERT_GT(all.names.size(), 300U);
  const Candidates some = candidates_of(domain, {}, 300);
  EXPECT_THAT(some.names, SizeIs(300));
  EXPECT_EQ(some.left_out, all.names.size() - 300);
  EXPECT_EQ(names_of(some, v1::LOOKALIKE_KIND_HOMOGLYPH),
            names_of(all, v1::LOOKALIKE_KIND_HOMOGLYPH));
  EXPECT_THAT(names_of(some, v1::LOOKALIKE_KIND_BITFLIP), SizeIs(0));
  EXPECT_TRUE(
      std::is_sorted(some.names.begin(), some.names.end(),
                     [](const Candidate& a, const Candidate& b) { return a.name < b.name; }));
  // The same every day: what is asked for does not change by itself.
  const Candidates again = candidates_of(domain, {}, 300);
  EXPECT_TRUE(std::equal(some.names.begin(), some.names.end(), again.names.begin(),
                         [](const Candidate& a, const Candidate& b) { return a.name == b.name; }));
}

}  // namespace
}  // namespace muster::lookalikes

#include "common/policy/selector.h"

#include <fmt/format.h>

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace muster::policy {
namespace {

using Labels = std::map<std::string, std::string>;

constexpr Match kYes = Match::kYes;
constexpr Match kNo = Match::kNo;
constexpr Match kUnknown = Match::kUnknown;

// web1 in Frankfurt with Debian 12.
const Labels web1_labels{{"site", "fra"}, {"role", "web"}};
const HostTraits web1{
    .name = "web1", .labels = &web1_labels, .os_id = "debian", .os_version = "12"};
// As it is before its first report.
const HostTraits untold{.name = "web1", .labels = &web1_labels};

Match match(const Selector& selector, const HostTraits& host) {
  return policy::match(selector, host, {});
}

TEST(Selector, IsAboutOneKindOrAllTargetsOrEverything) {
  const HostTraits shop{.kind = "tcp", .name = "web1", .labels = &web1_labels};
  const HostTraits board{.kind = "bmc", .name = "web1"};
  const auto of = [](std::string kind) {
    Selector selector;
    selector.kind = std::move(kind);
    return selector;
  };
  struct Case {
    std::string kind;
    bool host;
    bool tcp;
    bool bmc;
  };
  for (const Case& c : {Case{"host", true, false, false},
                        {"tcp", false, true, false},
                        {"target", false, true, true},
                        {"", true, true, true}}) {
    EXPECT_EQ(match(of(c.kind), web1), c.host ? Match::kYes : Match::kNo) << c.kind;
    EXPECT_EQ(match(of(c.kind), shop), c.tcp ? Match::kYes : Match::kNo) << c.kind;
    EXPECT_EQ(match(of(c.kind), board), c.bmc ? Match::kYes : Match::kNo) << c.kind;
  }
  Selector named = of("target");
  named.hosts = {"web*"};
  EXPECT_EQ(match(named, shop), Match::kYes);
  EXPECT_EQ(match(named, web1), Match::kNo);
  Selector all_but_tcp = of("");
  all_but_tcp.except.push_back(of("tcp"));
  EXPECT_EQ(match(all_but_tcp, web1), Match::kYes);
  EXPECT_EQ(match(all_but_tcp, shop), Match::kNo);
}

Selector os(std::vector<std::string> values) {
  Selector selector;
  selector.os = std::move(values);
  return selector;
}

Selector hosts(std::vector<std::string> values) {
  Selector selector;
  selector.hosts = std::move(values);
  return selector;
}

Selector labels(std::map<std::string, std::vector<std::string>> values) {
  Selector selector;
  selector.labels = std::move(values);
  return selector;
}

Selector in_groups(std::vector<size_t> groups) {
  Selector selector;
  selector.groups = std::move(groups);
  return selector;
}

Selector except(Selector selector, Selector excepted) {
  selector.except.push_back(std::move(excepted));
  return selector;
}

TEST(Glob, MatchesAsFnmatch) {
  struct Case {
    std::string pattern;
    std::string text;
    bool matches;
  };
  const Case cases[] = {
      {"web1", "web1", true},
      {"web1", "web10", false},
      {"web1", "Web1", false},
      {"web*", "web", true},
      {"web*", "web.example.org", true},
      {"*", "", true},
      {"", "", true},
      {"", "a", false},
      {"web?", "web1", true},
      {"web?", "web", false},
      {"web?", "web10", false},
      // A star is also for what paths and hidden files have.
      {"/etc/*", "/etc/ssl/web.pem", true},
      {"*", "/.hidden", true},
      {"web[12]", "web2", true},
      {"web[12]", "web3", false},
      {"web[!12]", "web3", true},
      {"web[0-9]", "web7", true},
      // Without its end it is no set.
      {"web[", "web[", true},
      {"web[1", "web[1", true},
      {"[]]", "]", true},
      {R"(\*)", "*", true},
      {R"(\*)", "a", false},
      // A backslash before nothing stands for nothing.
      {R"(web\)", R"(web\)", false},
      // Bytes are compared, whatever they mean.
      {"\xff*", "\xff\xfe", true},
      {"?", "\xc3\xa4", false},
      {"??", "\xc3\xa4", true},
      {"b\xc3\xbc*", "b\xc3\xbcro", true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(matches_glob(c.pattern, c.text), c.matches) << c.pattern << " against " << c.text;
}

// What comes from a host is no C string.
TEST(Glob, DoesNotStopAtANulByte) {
  const std::string text("debian\0x", 8);
  EXPECT_FALSE(matches_glob("debian", text));
  EXPECT_FALSE(matches_glob("debian*", text));
  EXPECT_FALSE(matches_glob(std::string("debian\0y", 8), "debian"));
}

// No pattern is slow enough to hold up a collector: with backtracking at each star this would take
// longer than the world will last.
TEST(Glob, TakesNoLongerForManyStars) {
  std::string stars;
  std::string sets;
  for (int i = 0; i < 50; ++i) {
    stars += "*a";
    sets += "*[ab]?";
  }
  const std::string text(4096, 'a');
  EXPECT_FALSE(matches_glob(stars + "*b", text));
  EXPECT_FALSE(matches_glob(stars + "b", text));
  EXPECT_FALSE(matches_glob(sets + "*b", text));
  EXPECT_TRUE(matches_glob(stars + "*", text));
}

// Slow and obvious, for stars, question marks and letters.
bool slow_glob(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return slow_glob(pattern.substr(1), text) ||
           (!text.empty() && slow_glob(pattern, text.substr(1)));
  }
  if (text.empty() || (pattern[0] != '?' && pattern[0] != text[0])) return false;
  return slow_glob(pattern.substr(1), text.substr(1));
}

TEST(Glob, AgreesWithASlowOne) {
  std::mt19937 random(1);
  const auto word = [&random](std::string_view letters, size_t at_most) {
    std::string result;
    for (size_t length = random() % (at_most + 1); length > 0; --length)
      result += letters[random() % letters.size()];
    return result;
  };
  int matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string pattern = word("ab*?", 7);
    const std::string text = word("ab", 8);
    ASSERT_EQ(matches_glob(pattern, text), slow_glob(pattern, text)) << pattern << " " << text;
    matched += slow_glob(pattern, text) ? 1 : 0;
  }
  EXPECT_GT(matched, 1000);
}

TEST(Selector, SelectsByNameLabelsAndOperatingSystem) {
  struct Case {
    std::string name;
    Selector selector;
    Match told;
    // Of the same host before it has told its operating system.
    Match untold;
  };
  const Case cases[] = {
      {"nothing asked for", {}, kYes, kYes},
      {"a name", hosts({"web1"}), kYes, kYes},
      {"one of several names", hosts({"db1", "web*"}), kYes, kYes},
      {"another name", hosts({"db*"}), kNo, kNo},
      {"a label", labels({{"role", {"web"}}}), kYes, kYes},
      {"one of several values", labels({{"role", {"mail", "w*"}}}), kYes, kYes},
      {"another value", labels({{"role", {"mail"}}}), kNo, kNo},
      {"two labels", labels({{"role", {"web"}}, {"site", {"fra"}}}), kYes, kYes},
      {"two labels, one of another value", labels({{"role", {"web"}}, {"site", {"ams"}}}), kNo,
       kNo},
      {"a label that it has not", labels({{"owner", {"*"}}}), kNo, kNo},
      {"no value", labels({{"role", {}}}), kNo, kNo},
      {"an operating system", os({"debian"}), kYes, kUnknown},
      {"one in a version", os({"debian:12"}), kYes, kUnknown},
      {"another version", os({"debian:11"}), kNo, kUnknown},
      {"any version", os({"debian:*"}), kYes, kUnknown},
      {"one of several", os({"ubuntu", "deb*"}), kYes, kUnknown},
      {"another one", os({"ubuntu"}), kNo, kUnknown},
      {"a version is not part of the name", os({"debian12"}), kNo, kUnknown},
      {"all but a name", except({}, hosts({"web1"})), kNo, kNo},
      {"all but another", except({}, hosts({"db*"})), kYes, kYes},
      {"all but an operating system", except({}, os({"debian"})), kNo, kUnknown},
      {"all but another", except({}, os({"ubuntu"})), kYes, kUnknown},
      // What is known decides alone where it can.
      {"another name and an operating system", except(hosts({"db*"}), os({"debian"})), kNo, kNo},
      {"all but this one with that", except({}, except(hosts({"web1"}), os({"ubuntu"}))), kNo,
       kUnknown},
      {"all but another with that", except({}, except(hosts({"db1"}), os({"ubuntu"}))), kYes, kYes},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(match(c.selector, web1), c.told) << c.name;
    EXPECT_EQ(match(c.selector, untold), c.untold) << c.name << ", not told";
  }
}

TEST(Selector, AsksForTheKindOfEntity) {
  Selector databases;
  databases.kind = "database";
  EXPECT_EQ(match(databases, web1), kNo);
  HostTraits database = web1;
  database.kind = "database";
  EXPECT_EQ(match(databases, database), kYes);
  EXPECT_EQ(match({}, database), kNo);
}

TEST(Selector, AHostWithoutLabelsHasNoneOfThem) {
  const HostTraits bare{.name = "web1", .os_id = "debian"};
  EXPECT_EQ(match(labels({{"role", {"*"}}}), bare), kNo);
  EXPECT_EQ(match(except({}, labels({{"role", {"*"}}})), bare), kYes);
}

TEST(Selector, AnOperatingSystemMayHaveNoVersion) {
  const HostTraits rolling{.name = "desk", .os_id = "arch"};
  EXPECT_EQ(match(os({"arch"}), rolling), kYes);
  EXPECT_EQ(match(os({"arch:*"}), rolling), kYes);
  EXPECT_EQ(match(os({"arch:1"}), rolling), kNo);
}

TEST(Selector, AGroupIsAnyOfItsSelectorsAndMayNameGroups) {
  const std::vector<Group> groups{
      {.name = "web", .any_of = {labels({{"role", {"web"}}})}},
      {.name = "old", .any_of = {os({"debian:11"}), hosts({"db9"})}},
      {.name = "watched", .any_of = {in_groups({1}), in_groups({0})}},
      {.name = "empty", .any_of = {}},
  };
  EXPECT_EQ(match_groups(groups, web1), (std::vector{kYes, kNo, kYes, kNo}));
  EXPECT_EQ(match_groups(groups, untold), (std::vector{kYes, kUnknown, kYes, kNo}));
  const HostTraits mail{.name = "mail1"};
  EXPECT_EQ(match_groups(groups, mail), (std::vector{kNo, kUnknown, kUnknown, kNo}));
  const HostTraits db{.name = "db9"};
  EXPECT_EQ(match_groups(groups, db), (std::vector{kNo, kYes, kYes, kNo}));
}

TEST(Selector, IsInOneOfTheGroupsItNames) {
  const std::vector<Match> groups{kYes, kNo, kUnknown};
  struct Case {
    std::vector<size_t> named;
    Match expected;
  };
  for (const Case& c : {Case{{0}, kYes},
                        {{1}, kNo},
                        {{2}, kUnknown},
                        {{1, 0}, kYes},
                        {{1, 2}, kUnknown},
                        {{2, 0}, kYes}}) {
    EXPECT_EQ(policy::match(in_groups(c.named), web1, groups), c.expected);
  }
}

// A selector as a set of hosts whose operating systems may be any of a few: where all of them agree
// that is the answer, else it is not known. Random selectors without `not` or groups, so that no
// operating system is asked for twice in a selector and the answers cannot hang together.
class RandomSelectors {
 public:
  explicit RandomSelectors(uint32_t seed) : random_(seed) {}

  Selector make() {
    Selector selector;
    if (chance(30)) selector.hosts = some({"web1", "web2", "db*", "*1"});
    if (chance(30)) selector.labels["site"] = some({"fra", "ams", "*"});
    if (chance(20)) selector.labels["role"] = some({"web", "db"});
    if (chance(30)) selector.os = some({"debian", "debian:12", "ubuntu:*", "u*"});
    return selector;
  }
  Selector with_exception() {
    Selector selector = make();
    if (!chance(60)) return selector;
    Selector excepted = make();
    // See above.
    if (!selector.os.empty()) excepted.os.clear();
    selector.except.push_back(excepted);
    return selector;
  }
  Labels host_labels() {
    Labels labels;
    if (chance(70)) labels["site"] = some({"fra", "ams", "lon"})[0];
    if (chance(70)) labels["role"] = some({"web", "db", "mail"})[0];
    return labels;
  }
  std::string host_name() { return some({"web1", "web2", "db1", "mail1"})[0]; }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  std::vector<std::string> some(const std::vector<std::string>& of) {
    std::vector<std::string> result;
    for (size_t count = 1 + random_() % 2; count > 0; --count)
      result.push_back(of[random_() % of.size()]);
    return result;
  }
  std::mt19937 random_;
};

bool any_glob(const std::vector<std::string>& patterns, const std::string& text) {
  for (const std::string& pattern : patterns) {
    if (slow_glob(pattern, text)) return true;
  }
  return false;
}

// The same question with nothing unknown.
bool slow_match(const Selector& selector, const std::string& name, const Labels& labels,
                const std::pair<std::string, std::string>& os) {
  if (!selector.hosts.empty() && !any_glob(selector.hosts, name)) return false;
  for (const auto& [label, values] : selector.labels) {
    if (!labels.contains(label) || !any_glob(values, labels.at(label))) return false;
  }
  if (!selector.os.empty() && !any_glob(selector.os, os.first) &&
      !any_glob(selector.os, os.first + ":" + os.second)) {
    return false;
  }
  for (const Selector& excepted : selector.except) {
    if (slow_match(excepted, name, labels, os)) return false;
  }
  return true;
}

TEST(Selector, AgreesWithASlowOneAndIsUnknownWhereTheOperatingSystemWouldDecide) {
  const std::pair<std::string, std::string> systems[] = {
      {"debian", "12"}, {"debian", "11"}, {"ubuntu", "24.04"}, {"rocky", "9"}};
  std::map<Match, int> seen;
  for (uint32_t seed = 0; seed < 5000; ++seed) {
    RandomSelectors random(seed);
    const Selector selector = random.with_exception();
    const std::string name = random.host_name();
    const Labels labels = random.host_labels();
    HostTraits host{.name = name, .labels = &labels};
    size_t selected = 0;
    for (const auto& system : systems) {
      host.os_id = system.first;
      host.os_version = system.second;
      const bool expected = slow_match(selector, name, labels, system);
      selected += expected ? 1 : 0;
      ASSERT_EQ(match(selector, host), expected ? kYes : kNo) << seed;
    }
    host.os_id = {};
    host.os_version = {};
    const Match expected = selected == 0 ? kNo : (selected == std::size(systems) ? kYes : kUnknown);
    ASSERT_EQ(match(selector, host), expected) << seed;
    ++seen[expected];
  }
  for (const Match each : {kYes, kNo, kUnknown})
    EXPECT_GT(seen[each], 300);
}

}  // namespace
}  // namespace muster::policy

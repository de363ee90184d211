#include "common/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/text.h"

namespace muster {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::StartsWith;

YamlDocument parsed(const std::string& text) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, "a.yml");
  EXPECT_TRUE(document.ok()) << document.status();
  return *std::move(document);
}

std::string message(const absl::Status& status) {
  return std::string(status.message());
}

TEST(YamlReader, ReadsEveryTypeOfValue) {
  YamlDocument document = parsed(
      "name: web1\n"
      "mode: 0640\n"
      "answer: no\n"
      "on: true\n"
      "count: -12\n"
      "fraction: 0.25\n"
      "every: 1h30m\n"
      "kind: green\n"
      "paths: [a, 'b c', \"d\"]\n"
      "none: []\n"
      "labels: {role: web, tier: '1'}\n"
      "server: {port: 80}\n"
      "list:\n"
      "  - id: one\n"
      "  - id: two\n");
  YamlMap root = document.root();
  EXPECT_EQ(root.text("name"), "web1");
  EXPECT_EQ(root.text("mode"), "0640");
  EXPECT_EQ(root.text("answer"), "no");
  EXPECT_EQ(root.boolean("on"), true);
  EXPECT_EQ(root.integer("count", -20, 20), -12);
  EXPECT_EQ(root.number("fraction", 0, 1), 0.25);
  EXPECT_EQ(root.duration("every", Duration(0), std::chrono::days(1)), std::chrono::minutes(90));
  EXPECT_EQ(root.one_of("kind", {"red", "green"}), "green");
  EXPECT_THAT(root.texts("paths").value(), ElementsAre("a", "b c", "d"));
  EXPECT_TRUE(root.texts("none").value().empty());
  EXPECT_EQ(root.texts("absent"), std::nullopt);
  EXPECT_THAT(root.pairs("labels"), ElementsAre(Pair("role", "web"), Pair("tier", "1")));
  EXPECT_EQ(root.map("server")->integer("port", 1, 65535), 80);
  std::vector<YamlMap> maps = root.maps("list");
  ASSERT_EQ(maps.size(), 2U);
  EXPECT_EQ(maps[0].text("id"), "one");
  EXPECT_EQ(maps[1].text("id"), "two");
  EXPECT_EQ(document.finish(), absl::OkStatus());
}

TEST(YamlReader, TakesAnEmptyTextAsAnEmptyMap) {
  for (const std::string text : {"", "\n", "# nothing but a comment\n", "---\n", "{}"}) {
    YamlDocument document = parsed(text);
    EXPECT_EQ(document.root().text("name"), std::nullopt);
    EXPECT_EQ(document.finish(), absl::OkStatus());
  }
}

TEST(YamlReader, NamesUnknownKeysWithTheNearestKnownOne) {
  YamlDocument document = parsed("interval: 15m\nserver:\n  prot: 80\n  zzzzzzzz: 1\n");
  YamlMap root = document.root();
  root.duration("interval", Duration(0), std::chrono::days(1));
  root.map("server")->integer("port", 1, 65535);
  EXPECT_EQ(document.finish(),
            absl::InvalidArgumentError("a.yml:3:3: unknown key 'prot', did you mean 'port'?\n"
                                       "a.yml:4:3: unknown key 'zzzzzzzz' (known here: port)"));
}

TEST(YamlReader, ComplainsOnceHoweverOftenItIsAsked) {
  YamlDocument document = parsed("nmae: x\n");
  document.root().text("name");
  document.root().text("name");
  const std::string once = "a.yml:1:1: unknown key 'nmae', did you mean 'name'?";
  EXPECT_EQ(document.finish(), absl::InvalidArgumentError(once));
  EXPECT_EQ(document.finish(), absl::InvalidArgumentError(once));
}

TEST(YamlReader, TellsWhereAValueIsOfTheWrongKind) {
  struct Case {
    std::string text;
    void (*read)(YamlMap&);
    std::string complaint;
  };
  const std::vector<Case> cases = {
      {"k: [1]", [](YamlMap& m) { m.text("k"); }, "1:4: 'k' must be a single value, not a list"},
      {"k:", [](YamlMap& m) { m.text("k"); },
       "1:1: 'k' has no value: give it one or remove the line"},
      {"k: null", [](YamlMap& m) { m.texts("k"); },
       "1:1: 'k' has no value: give it one or remove the line"},
      {"k: yes", [](YamlMap& m) { m.boolean("k"); }, "1:4: 'k' must be true or false, not 'yes'"},
      {"k: 'true'", [](YamlMap& m) { m.boolean("k"); },
       "1:4: 'k' must be true or false, not 'true'"},
      {"k: 010", [](YamlMap& m) { m.integer("k", 0, 99); },
       "1:4: 'k' must be a whole number from 0 to 99, not '010'"},
      {"k: 0x10", [](YamlMap& m) { m.integer("k", 0, 99); },
       "1:4: 'k' must be a whole number from 0 to 99, not '0x10'"},
      {"k: 100", [](YamlMap& m) { m.integer("k", 0, 99); },
       "1:4: 'k' must be a whole number from 0 to 99, not '100'"},
      {"k: 1.5", [](YamlMap& m) { m.number("k", 0, 1); },
       "1:4: 'k' must be a number from 0 to 1, not '1.5'"},
      {"k: .nan", [](YamlMap& m) { m.number("k", 0, 1); },
       "1:4: 'k' must be a number from 0 to 1, not '.nan'"},
      {"k: 15", [](YamlMap& m) { m.duration("k", Duration(0), std::chrono::days(1)); },
       "1:4: 'k': '15' is not a duration: write it like 90s, 15m, 1h30m, 14d"},
      {"k: 2d", [](YamlMap& m) { m.duration("k", Duration(0), std::chrono::days(1)); },
       "1:4: 'k' must be from 0s to 1d, not 2d"},
      {"k: gren",
       [](YamlMap& m) {
         m.one_of("k", {"red", "green"});
       },
       "1:4: 'k' is 'gren', but must be one of red, green, did you mean 'green'?"},
      {"k: x", [](YamlMap& m) { m.texts("k"); }, "1:4: 'k' must be a list, not a single value"},
      {"k: [[a]]", [](YamlMap& m) { m.texts("k"); },
       "1:5: 'k' must be a list of single values, not of a list"},
      {"k: {a: [b]}", [](YamlMap& m) { m.pairs("k"); },
       "1:5: 'a' must be a single value, not a list"},
      {"k: x", [](YamlMap& m) { m.map("k"); }, "1:4: 'k' must be a map, not a single value"},
      {"k: [x]", [](YamlMap& m) { m.maps("k"); },
       "1:5: 'k' must be a list of maps, not of a single value"},
      {"k: x", [](YamlMap& m) { m.named_maps(); }, "1:1: 'k' must be a map"},
      {"\n\n  k: x", [](YamlMap& m) { m.text("k"), m.require("j"); }, "3:3: 'j' is missing"},
      {"k: x", [](YamlMap& m) { m.complain("k", "it is taken"); }, "1:4: it is taken"},
  };
  for (const Case& c : cases) {
    YamlDocument document = parsed(c.text);
    YamlMap root = document.root();
    c.read(root);
    EXPECT_EQ(message(document.finish()), "a.yml:" + c.complaint) << c.text;
  }
}

TEST(YamlReader, SortsComplaintsByPlace) {
  YamlDocument document = parsed("a: [1]\nb: [2]\nc: [3]\n");
  YamlMap root = document.root();
  root.text("c");
  root.text("a");
  EXPECT_EQ(message(document.finish()),
            "a.yml:1:4: 'a' must be a single value, not a list\n"
            "a.yml:2:1: unknown key 'b', did you mean 'c'?\n"
            "a.yml:3:4: 'c' must be a single value, not a list");
}

TEST(YamlReader, TakesMapsUnderNamesThatTheSiteChooses) {
  YamlDocument document = parsed("web: {a: 1}\ndb:\n");
  YamlMap root = document.root();
  std::vector<std::string> names;
  for (auto& [name, map] : root.named_maps()) {
    names.push_back(name);
    map.text("a");
  }
  EXPECT_THAT(names, ElementsAre("web", "db"));
  EXPECT_EQ(document.finish(), absl::OkStatus());
}

TEST(YamlReader, TakesValuesUnderNamesThatTheSiteChooses) {
  YamlDocument document = parsed("web: {site: fra, role: no}\ndb:\nmail: {site: [fra]}\n");
  YamlMap root = document.root();
  std::vector<std::pair<std::string, std::string>> pairs;
  for (auto& [name, map] : root.named_maps()) {
    for (const auto& [key, value] : map.pairs())
      pairs.emplace_back(name + "." + key, value);
  }
  EXPECT_THAT(pairs, ElementsAre(Pair("web.site", "fra"), Pair("web.role", "no")));
  EXPECT_EQ(message(document.finish()), "a.yml:3:8: 'site' must be a single value, not a list");
}

TEST(YamlReader, TakesWhatIsWrittenShortlyOrInFull) {
  YamlDocument document = parsed("web: fail\ndb: {status: pass}\n");
  YamlMap root = document.root();
  EXPECT_THAT(root.names(), ElementsAre("web", "db"));
  EXPECT_FALSE(root.is_map("web"));
  EXPECT_FALSE(root.is_map("mail"));
  ASSERT_TRUE(root.is_map("db"));
  EXPECT_EQ(root.text("web"), "fail");
  EXPECT_EQ(root.map("db")->text("status"), "pass");
  EXPECT_EQ(document.finish(), absl::OkStatus());
}

TEST(YamlReader, TakesATimeAndADate) {
  YamlDocument document = parsed("a: 2026-11-21T12:00:00Z\nb: 2026-11-21\nc: 21.11.2026\n");
  YamlMap root = document.root();
  EXPECT_EQ(*root.time("a") - *root.time("b"), std::chrono::hours(12));
  EXPECT_EQ(root.time("c"), std::nullopt);
  EXPECT_EQ(message(document.finish()),
            "a.yml:3:4: 'c' must be a date, as 2026-11-21, or a time in UTC, as "
            "2026-11-21T20:58:43Z, not '21.11.2026'");
}

TEST(YamlReader, TellsPlacesAndSizesAndComplainsOfOneItem) {
  YamlDocument document = parsed("a: [x, y]\nb:\nc: {d: 1}\n");
  YamlMap root = document.root();
  EXPECT_EQ(root.place("a"), "a.yml:1:4");
  EXPECT_EQ(root.place("z"), "a.yml:1:1");
  EXPECT_EQ(root.map("c")->place(), "a.yml:3:4");
  EXPECT_EQ(root.map("c")->text("d"), "1");
  EXPECT_EQ(root.size("a"), 2U);
  EXPECT_EQ(root.size("c"), 1U);
  EXPECT_EQ(root.size("b"), 0U);
  EXPECT_TRUE(root.is_blank("b"));
  EXPECT_FALSE(root.is_blank("a"));
  root.complain_of_item("a", 1, "no y");
  root.complain_of_item("a", 2, "no third");
  EXPECT_EQ(message(document.finish()), "a.yml:1:4: no third\na.yml:1:8: no y");
}

TEST(YamlReader, ComplainsInUtf8OfAnEscapeThatIsNone) {
  const std::string said = message(YamlDocument::parse("a: \"\\\xef\xbb\xbf\"", "a.yml").status());
  EXPECT_THAT(said, testing::StartsWith("a.yml:1:"));
  EXPECT_TRUE(is_valid_utf8(said)) << said;
}

TEST(YamlReader, RefusesWhatIsNotStrictYaml) {
  struct Case {
    std::string text;
    std::string complaint;
  };
  // With the map at the top: 32 and 33 levels.
  const std::string deep = std::string(31, '[') + std::string(31, ']');
  const std::string too_deep = std::string(32, '[') + std::string(32, ']');
  EXPECT_TRUE(YamlDocument::parse("a: " + deep, "a.yml").ok());
  const std::vector<Case> cases = {
      {"a: 1\nb: 2\na: 3\n", "a.yml:3:1: the key 'a' comes twice, first in line 1"},
      {"m:\n  a: 1\n  a: 1\n", "a.yml:3:3: the key 'a' comes twice, first in line 2"},
      {"- a\n- b\n", "a.yml:1:1: must be a map of keys and values at the top"},
      {"just text", "a.yml:1:1: must be a map of keys and values at the top"},
      {"a: &x 1\n", "a.yml:1:4: anchors (&name) are not used here: remove it"},
      {"a: *x\n", "a.yml:1:4:"},
      {"a: !!binary aGk=\n", "a.yml:1:4: tags (!name) are not used here: remove it"},
      {"[a]: 1\n", "a.yml:1:1: a key must be a single value"},
      {": 1\n", "a.yml:1:1: a key must be a single value"},
      {"a: 1\n---\nb: 2\n", "a.yml:1:1: holds more than one YAML document (a second '---')"},
      {"a: [1\n", "a.yml:2:1: end of sequence flow not found"},
      {"a: 1\n  b: 2\n", "a.yml:2:4: illegal map value"},
      {"a: 1\nb: \xff\n", "a.yml:2:1: this line is not UTF-8 text"},
      {std::string("a: 1\nb: \0c\n", 11), "a.yml:2:1: this line has a NUL byte"},
      {"a: " + too_deep, "a.yml:1:35: nested deeper than 32 levels"},
      {std::string((size_t{4} << 20) + 1, ' '), "a.yml:1:1: larger than 4 MiB"},
  };
  for (const Case& c : cases) {
    const absl::Status status = YamlDocument::parse(c.text, "a.yml").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text.substr(0, 80);
    EXPECT_THAT(message(status), StartsWith(c.complaint));
  }
}

TEST(YamlReader, SurvivesNestingWithoutEnd) {
  const std::string open(1'000'000, '[');
  EXPECT_FALSE(YamlDocument::parse("a: " + open, "a.yml").ok());
  EXPECT_FALSE(YamlDocument::parse("a: " + open + std::string(1'000'000, ']'), "a.yml").ok());
}

TEST(YamlReader, ShowsHostileKeysHarmlessly) {
  YamlDocument document = parsed("\"\\e[2Jkey\": 1\n");
  document.root();
  EXPECT_EQ(message(document.finish()), "a.yml:1:1: unknown key '\\x1b[2Jkey'");
}

}  // namespace
}  // namespace muster

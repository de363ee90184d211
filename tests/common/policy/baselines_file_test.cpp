#include "common/policy/file/baselines.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/policy/baselines_of.h"

namespace muster::firmware {
namespace {

using policy::kLongestPattern;
using policy::kMostBaselines;
using policy::kMostOfAnEntry;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string complaint_of(const std::vector<policy::PolicyText>& texts) {
  return std::string(testing::baselines_of(texts).status().message());
}

std::string complaint(const std::string& text) {
  return complaint_of({{.name = "dell.yml", .text = text}});
}

// Of a list with one entry, whose keys these take the place of: "minimum: 1.0".
std::string complaint_of_entry(const std::string& match, const std::string& asks,
                               const std::string& format = "dotted") {
  return complaint("baselines:\n  - {id: a, match: " + match + ", version_format: " + format +
                   ", source: x, date: 2026-11-02, " + asks + "}");
}

std::string complaint_of(const std::string& asks, const std::string& format = "dotted") {
  return complaint_of_entry("{kind: bios}", asks, format);
}

TEST(BaselineFile, GivesAnEntryEverythingThatItSays) {
  const std::vector<policy::PolicyText> texts{{.name = "dell.yml", .text = R"(
baselines:
  - id: r640-bios
    match: {kind: bios, vendor: Dell Inc., model: [PowerEdge R640, "PowerEdge R64*"]}
    version_format: dell-bios
    minimum: 2.17.0
    approved: [2.16.1]
    forbidden:
      - {version: 2.20.0, why: it was withdrawn}
      - range: {from: 2.18.0, below: 2.18.2}
        why: |
          fans
          stop
      - {range: {to: 2.9.9}, why: CVE-2019-11098}
    source: https://www.dell.com/support
    date: 2026-11-02
    required_from: 2027-01-01
)"}};
  const auto baseline = testing::baselines_of(texts);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  ASSERT_THAT(baseline->entries, SizeIs(1));
  const BaselineEntry& entry = baseline->entries[0];
  EXPECT_EQ(entry.id, "r640-bios");
  EXPECT_EQ(entry.match, (BaselineMatch{.kind = v1::FIRMWARE_KIND_SYSTEM,
                                        .vendor = "Dell Inc.",
                                        .models = {"PowerEdge R640", "PowerEdge R64*"}}));
  EXPECT_EQ(entry.format, VersionFormat::kDellBios);
  EXPECT_EQ(entry.minimum, "2.17.0");
  EXPECT_THAT(entry.approved, ElementsAre("2.16.1"));
  EXPECT_THAT(
      entry.forbidden,
      ElementsAre(ForbiddenVersions{.version = "2.20.0", .why = "it was withdrawn"},
                  ForbiddenVersions{.from = "2.18.0", .below = "2.18.2", .why = "fans stop"},
                  ForbiddenVersions{.to = "2.9.9", .why = "CVE-2019-11098"}));
  EXPECT_EQ(entry.source, "https://www.dell.com/support");
  EXPECT_EQ(entry.date, std::chrono::sys_days(2026y / 11 / 2));
  EXPECT_EQ(entry.required_from, std::chrono::sys_days(2027y / 1 / 1));
  EXPECT_EQ(entry.place, "dell.yml:3:5");
}

TEST(BaselineFile, NeedsNoVendorNoModelAndNoDay) {
  const std::vector<policy::PolicyText> texts{{.name = "a.yml", .text = R"(
baselines:
  - {id: a, match: {kind: tpm}, version_format: dotted, minimum: 7.10, source: x, date: 2026-11-02}
)"}};
  const auto baseline = testing::baselines_of(texts);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  EXPECT_THAT(baseline->entries[0].match.models, IsEmpty());
  EXPECT_EQ(baseline->entries[0].minimum, "7.10") << "as it is written, not as a number";
  EXPECT_EQ(baseline->entries[0].required_from, std::nullopt);
}

TEST(BaselineFile, PutsFilesTogetherAndMayListNothingIfItSaysSo) {
  const std::string entry =
      "baselines: [{id: ID, match: {kind: KIND}, version_format: dotted, minimum: 1, source: x, "
      "date: 2026-11-02}]";
  const auto with = [&](const std::string& id, const std::string& kind) {
    std::string text = entry;
    text.replace(text.find("ID"), 2, id);
    return text.replace(text.find("KIND"), 4, kind);
  };
  const std::vector<policy::PolicyText> texts{{.name = "a.yml", .text = with("a", "bios")},
                                              {.name = "b.yml", .text = "baselines: []"},
                                              {.name = "c.yml", .text = with("b", "bmc")}};
  const auto baseline = testing::baselines_of(texts);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  EXPECT_THAT(baseline->entries, SizeIs(2));
  EXPECT_TRUE(testing::baselines_of({}).ok());
}

TEST(BaselineFile, SaysWhereAKeyIsUnknownOrMissing) {
  EXPECT_EQ(complaint("baselines: []\nbaseline: []"),
            "dell.yml:2:1: unknown key 'baseline', did you mean 'baselines'?");
  const std::string empty = complaint("baselines:\n  - {}");
  for (const char* const key : {"id", "match", "version_format", "source", "date"})
    EXPECT_THAT(empty, HasSubstr(fmt::format("dell.yml:2:5: '{}' is missing", key)));
  EXPECT_THAT(empty, HasSubstr("dell.yml:2:5: it asks for nothing: give 'minimum', 'approved' or "
                               "'forbidden'"));
  EXPECT_THAT(complaint_of("minimun: 1.0"),
              HasSubstr("unknown key 'minimun', did you mean 'minimum'?"));
}

TEST(BaselineFile, SaysWhatIsWrongWithAnEntry) {
  const struct {
    const char* match;
    const char* format;
    const char* asks;
    const char* complaint;
  } bad[] = {
      {"{}", "dotted", "minimum: 1", "'kind' is missing"},
      {"{kind: dimm}", "dotted", "minimum: 1",
       "'kind' is 'dimm', but must be one of bios, bmc, microcode, nvme, disk, nic, raid, gpu, "
       "tpm, dbx, ec, psu, other"},
      {"{kind: bois}", "dotted", "minimum: 1", "did you mean 'bios'?"},
      {"{kind: bios, model: []}", "dotted", "minimum: 1", "'model' is an empty list"},
      {"{kind: bios, model: R640}", "dotted", "minimum: 1", "'model' must be a list"},
      {"{kind: bios, model: [a, a]}", "dotted", "minimum: 1", "'a' comes twice in 'model'"},
      {"{kind: bios, vendor: ''}", "dotted", "minimum: 1", "'vendor' says nothing"},
      {"{kind: bios}", "dell_bios", "minimum: 1", "did you mean 'dell-bios'?"},
      {"{kind: bios}", "dell-bios", "minimum: A14",
       "'A14' is no version of the format dell-bios, such as 1.15.2"},
      {"{kind: bios}", "dotted", "minimum: ''",
       "'minimum' says nothing: name a version, or remove the line"},
      {"{kind: bios}", "dotted", "approved: [1.0, beta]",
       "'beta' is no version of the format dotted, such as 7.00.30.00 or 51.16.0-5150"},
      {"{kind: bios}", "dotted", "approved: []", "'approved' is an empty list"},
      {"{kind: bios}", "plain", "minimum: A14",
       "versions of the format plain have no order: name each in 'approved', or give the format "
       "that they have"},
      {"{kind: bios}", "plain", "forbidden: [{range: {from: a}, why: x}]",
       "versions of the format plain have no order: name each in a 'version'"},
      {"{kind: bios}", "dotted", "forbidden: []", "'forbidden' names none: name one, or remove"},
      {"{kind: bios}", "dotted", "forbidden: [{version: 1.0}]", "'why' is missing"},
      {"{kind: bios}", "dotted", "forbidden: [{why: x}]",
       "give one of 'version' and 'range': {from, to or below}"},
      {"{kind: bios}", "dotted", "forbidden: [{version: 1, range: {to: 2}, why: x}]",
       "give one of 'version' and 'range': {from, to or below}"},
      {"{kind: bios}", "dotted", "forbidden: [{range: {}, why: x}]",
       "the range has no end: give 'from', 'to' or 'below'"},
      {"{kind: bios}", "dotted", "forbidden: [{range: {to: 1, below: 2}, why: x}]",
       "give one of 'to', which is forbidden too, and 'below', which is not"},
      {"{kind: bios}", "dotted", "forbidden: [{range: {from: 2.0, to: 1.9}, why: x}]",
       "no version is in the range: 2.0 comes not before 1.9"},
      {"{kind: bios}", "dotted", "forbidden: [{range: {from: 2.0, below: 2}, why: x}]",
       "no version is in the range: 2.0 comes not before 2"},
      {"{kind: bios}", "hpe-rom", "forbidden: [{range: {from: P89 v2.0, to: U30 v2.0}, why: x}]",
       "'P89 v2.0' and 'U30 v2.0' have no order: they are of two families, P89 and U30"},
      {"{kind: bios}", "dotted", "minimum: 2.0, forbidden: [{version: 2.0.0, why: fans stop}]",
       "2.0 is forbidden below: fans stop"},
      {"{kind: bios}", "dotted",
       "approved: [1.0, 2.1], forbidden: [{range: {from: 2.0}, why: fans stop}]",
       "2.1 is forbidden below: fans stop"},
      {"{kind: bios}", "dotted", "minimum: 1.0, forbidden: [{version: 1.0-5, why: fans stop}]",
       "'1.0' and '1.0-5' have no order: one is with a build, the other without that"},
      {"{kind: bios}", "dotted", "minimum: 1, required_from: soon",
       "'required_from' must be a date, as 2026-11-21"},
      {"{kind: bios}", "dotted", "minimum: 1, required_from: 1999-01-01",
       "'required_from' must be a year from 2000 to 2199"},
  };
  for (const auto& one : bad) {
    const std::string all = complaint_of_entry(one.match, one.asks, one.format);
    EXPECT_THAT(all, HasSubstr(one.complaint));
    EXPECT_THAT(all, StartsWith("dell.yml:2:"));
    EXPECT_THAT(all, ::testing::Not(HasSubstr("\n"))) << "one slip is one complaint";
  }
}

constexpr const char* kTwo = R"(
baselines:
  - {id: a, match: {kind: bios, model: [MODEL]}, version_format: dotted, minimum: 1, source: x, date: 2026-11-02}
  - {id: b, match: {kind: bios, model: [OTHER]}, version_format: dotted, minimum: 2, source: x, date: 2026-11-02}
)";

std::string complaint_of_two(const std::string& model, const std::string& other) {
  std::string text = kTwo;
  text.replace(text.find("MODEL"), 5, model);
  return complaint(text.replace(text.find("OTHER"), 5, other));
}

TEST(BaselineFile, RefusesTwoEntriesThatContradictEachOther) {
  EXPECT_EQ(
      complaint_of_two("R640", "R640"),
      "dell.yml:4:20: 'a' at dell.yml:3:5 can be about the same components, is as exact as this "
      "one, and "
      "asks for something else: make one of them, or name the vendor or model more exactly in one");
  EXPECT_THAT(complaint_of_two("R6*", "'*40'"), HasSubstr("'a' at dell.yml:3:5 can be about"));
  EXPECT_EQ(complaint_of_two("R640", "R650"), "");
  EXPECT_EQ(complaint_of_two("R640", "R64*"), "");
}

TEST(BaselineFile, RefusesAnIdThatComesTwiceEvenInTwoFiles) {
  const std::string text =
      "baselines: [{id: a, match: {kind: bios}, version_format: dotted, minimum: 1, source: x, "
      "date: 2026-11-02}]";
  EXPECT_EQ(complaint_of({{.name = "a.yml", .text = text}, {.name = "b.yml", .text = text}}),
            "b.yml:1:18: the id 'a' comes twice, first at a.yml:1:18");
}

TEST(BaselineFile, SaysWhatIsWrongInEveryFile) {
  const std::string all = complaint_of({{.name = "a.yml", .text = "baselines: [{}]"},
                                        {.name = "b.yml", .text = "baselines: [{id: 1}]"}});
  EXPECT_THAT(all, HasSubstr("a.yml:1:13: 'id' is missing"));
  EXPECT_THAT(all, HasSubstr("b.yml:1:13: 'match' is missing"));
}

std::string list_of(size_t count, const std::string& stem) {
  std::string list;
  for (size_t i = 0; i < count; ++i)
    list += (i == 0 ? "" : ", ") + stem + std::to_string(i);
  return "[" + list + "]";
}

TEST(BaselineFile, ReadsAsMuchOfAnEntryAsItMayHave) {
  EXPECT_EQ(complaint_of("approved: " + list_of(kMostOfAnEntry, "1.")), "");
  EXPECT_THAT(complaint_of("approved: " + list_of(kMostOfAnEntry + 1, "1.")),
              HasSubstr("'approved' has more than 100 items"));
  const auto with_models = [](size_t count) {
    return complaint_of_entry("{kind: bios, model: " + list_of(count, "m") + "}", "minimum: 1");
  };
  EXPECT_EQ(with_models(kMostOfAnEntry), "");
  EXPECT_THAT(with_models(kMostOfAnEntry + 1), HasSubstr("'model' has more than 100 items"));
  const auto with_forbidden = [](size_t count) {
    std::string list;
    for (size_t i = 0; i < count; ++i)
      list += fmt::format("{}{{version: 1.{}, why: x}}", i == 0 ? "" : ", ", i);
    return complaint_of("forbidden: [" + list + "]");
  };
  EXPECT_EQ(with_forbidden(kMostOfAnEntry), "");
  EXPECT_THAT(with_forbidden(kMostOfAnEntry + 1), HasSubstr("'forbidden' has more than 100 items"));
}

TEST(BaselineFile, ReadsTextsOfTheirLength) {
  const auto with_vendor = [](size_t size) {
    return complaint_of_entry("{kind: bios, vendor: " + std::string(size, 'v') + "}", "minimum: 1");
  };
  EXPECT_EQ(with_vendor(kLongestPattern), "");
  EXPECT_THAT(with_vendor(kLongestPattern + 1), HasSubstr("'vendor' has more than 128 bytes"));
  const auto with_model = [](size_t size) {
    return complaint_of_entry("{kind: bios, model: [" + std::string(size, 'm') + "]}",
                              "minimum: 1");
  };
  EXPECT_EQ(with_model(kLongestPattern), "");
  EXPECT_THAT(with_model(kLongestPattern + 1), HasSubstr("'model' has items of 1 to 128 bytes"));
  const auto with_version = [](size_t size) {
    return complaint_of("approved: [" + std::string(size, 'a') + "]", "plain");
  };
  EXPECT_EQ(with_version(128), "");
  EXPECT_THAT(with_version(129), HasSubstr("'approved' has items of 1 to 128 bytes"));
}

TEST(BaselineFile, ReadsAsManyEntriesAsThereMayBe) {
  const auto file_with = [](size_t count) {
    std::string text = "baselines:\n";
    for (size_t i = 0; i < count; ++i) {
      text += fmt::format(
          "- {{id: a{}, match: {{kind: bios, model: [m{}]}}, version_format: dotted, minimum: 1, "
          "source: x, date: 2026-11-02}}\n",
          i, i);
    }
    return text;
  };
  EXPECT_EQ(complaint(file_with(kMostBaselines)), "");
  EXPECT_EQ(complaint(file_with(kMostBaselines + 1)),
            "dell.yml:2:1: more than 2000 baselines in the policy");
}

TEST(BaselineFile, TellsAtMost100Complaints) {
  std::string text = "baselines: []\n";
  for (int i = 0; i < 150; ++i)
    text += fmt::format("x{}: 1\n", i);
  EXPECT_THAT(complaint(text), EndsWith("and 50 more"));
}

}  // namespace
}  // namespace muster::firmware

// The reference corpus of WHOIS answers: the expiry to the same day on nearly all that have one,
// and never a wrong one; a free name never for a registered one nor the reverse. It is not part of
// the repository; it lies in $MUSTER_CORPUS/whois, or beside the checkout in shared/corpus/whois.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "agent/probes/domain/whois/whois_answer.h"

namespace muster::domains::whois {
namespace {

namespace fs = std::filesystem;
using std::chrono::sys_days;

struct Expected {
  std::string file;
  std::string domain;
  std::string expiration_date;
  std::string registrar;
  std::string status;
};

struct Score {
  size_t right = 0;
  size_t with_date = 0;
  size_t wrong = 0;
  size_t registered = 0;
  size_t answers = 0;
  size_t registrar = 0;
  size_t with_registrar = 0;
  size_t status = 0;
  size_t with_status = 0;
};

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<Expected> read_expected(const fs::path& file) {
  std::vector<Expected> all;
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::istringstream columns(line);
    Expected expected;
    for (std::string* column : {&expected.file, &expected.domain, &expected.expiration_date,
                                &expected.registrar, &expected.status})
      std::getline(columns, *column, '\t');
    all.push_back(expected);
  }
  return all;
}

struct Day {
  sys_days day;
  bool zone_named = false;
};

int number(const std::ssub_match& match) {
  return std::stoi(match.str());
}

sys_days day_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  EXPECT_TRUE(date.ok());
  return sys_days(date);
}

// The corpus's own column, by a reader of its own: the parser must not confirm itself.
std::optional<Day> corpus_day(const std::string& text, const std::string& tld) {
  static const std::regex kYearFirst(R"(^(\d{4})[-./] ?(\d\d)[-./] ?(\d\d))");
  static const std::regex kYearLast(R"(^(\d{1,2})[-./](\d{1,2})[-./](\d{4}))");
  static const std::regex kMonthName(R"(^(\d{1,2})-([A-Z][a-z][a-z])-(\d{4}))");
  static const std::regex kClock(R"((\d\d):(\d\d):(\d\d)(?:\.\d+)?\s*(.*)$)");
  static const std::regex kOffset(R"(\(?(?:UTC)?([-+])(\d{1,2}):?(\d\d)?\)?)");
  std::smatch match;
  Day result;
  if (std::regex_search(text, match, kYearFirst)) {
    result.day = day_of(number(match[1]), number(match[2]), number(match[3]));
  } else if (std::regex_search(text, match, kYearLast)) {
    const bool month_first = tld == "tk";
    result.day = day_of(number(match[3]), number(match[month_first ? 1 : 2]),
                        number(match[month_first ? 2 : 1]));
  } else if (std::regex_search(text, match, kMonthName)) {
    static const std::string kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    result.day = day_of(number(match[3]), static_cast<int>(kMonths.find(match[2].str()) / 3) + 1,
                        number(match[1]));
  } else {
    return std::nullopt;
  }
  if (!std::regex_search(text, match, kClock)) return result;
  auto time = std::chrono::sys_seconds(result.day) + std::chrono::hours(number(match[1])) +
              std::chrono::minutes(number(match[2])) + std::chrono::seconds(number(match[3]));
  const std::string zone = match[4].str();
  std::smatch offset;
  if (std::regex_match(zone, offset, kOffset)) {
    const auto minutes =
        std::chrono::minutes(number(offset[2]) * 60 + (offset[3].matched ? number(offset[3]) : 0));
    time += offset[1].str() == "-" ? minutes : -minutes;
  } else if (zone != "Z") {
    return result;
  }
  return Day{std::chrono::floor<std::chrono::days>(time), true};
}

bool is_same_day(const RegistryTime& time, const Day& expected) {
  const auto difference = std::chrono::floor<std::chrono::days>(time.time) - expected.day;
  const auto grace = std::chrono::days(time.zone_named && expected.zone_named ? 0 : 1);
  return std::chrono::abs(difference) <= grace;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  return text;
}

bool same_statuses(const Registration& found, const std::string& expected) {
  std::vector<std::string> all = found.statuses;
  std::vector<std::string> wanted;
  std::istringstream stream(expected);
  for (std::string one; std::getline(stream, one, ',');)
    wanted.push_back(lower(one));
  for (std::string& one : all)
    one = lower(one);
  std::ranges::sort(all);
  std::ranges::sort(wanted);
  return all == wanted;
}

std::string shown(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list)
    text += (text.empty() ? "" : ",") + one;
  return text;
}

void score_texts(const Expected& expected, const Registration& found, Score& score) {
  if (!expected.registrar.empty()) {
    ++score.with_registrar;
    if (lower(found.registrar) == lower(expected.registrar)) {
      ++score.registrar;
    } else {
      std::printf("  %s: registrar \"%s\", listed \"%s\"\n", expected.file.c_str(),
                  found.registrar.c_str(), expected.registrar.c_str());
    }
  }
  if (expected.status.empty()) return;
  ++score.with_status;
  if (same_statuses(found, expected.status)) {
    ++score.status;
  } else {
    std::printf("  %s: status \"%s\", listed \"%s\"\n", expected.file.c_str(),
                shown(found.statuses).c_str(), expected.status.c_str());
  }
}

void score_date(const Expected& expected, const Registration& found, const std::string& tld,
                Score& score) {
  const std::optional<Day> day = corpus_day(expected.expiration_date, tld);
  if (!day) {
    EXPECT_TRUE(expected.expiration_date.empty())
        << "the test cannot read " << expected.expiration_date;
    // Where the corpus lists none, one that was found is not known to be right.
    EXPECT_FALSE(found.expires) << expected.file << " has no expiry by its list";
    if (found.expires) ++score.wrong;
    return;
  }
  ++score.with_date;
  if (!found.expires) {
    std::printf("  %s: no expiry, listed %s\n", expected.file.c_str(),
                expected.expiration_date.c_str());
    return;
  }
  const bool right = is_same_day(*found.expires, *day);
  EXPECT_TRUE(right) << expected.file << " is listed with " << expected.expiration_date;
  ++(right ? score.right : score.wrong);
}

// The folder of all answers, or nothing after having said that there is none.
std::optional<fs::path> corpus() {
  const char* configured = std::getenv("MUSTER_CORPUS");
  fs::path folder =
      (configured != nullptr ? fs::path(configured)
                             : fs::path(MUSTER_SOURCE_DIRECTORY) / ".." / "shared" / "corpus") /
      "whois";
  if (fs::exists(folder / "registered.tsv")) return folder;
  // A corpus that was asked for and is not there is a mistake; one beside the checkout is a gift.
  EXPECT_EQ(configured, nullptr) << "MUSTER_CORPUS has no whois/registered.tsv";
  std::printf("whois corpus: the score was not taken, there is no %s\n", folder.c_str());
  return std::nullopt;
}

TEST(WhoisCorpus, IsReadWithoutAWrongDate) {
  const std::optional<fs::path> folder = corpus();
  if (!folder) return;
  std::map<std::string, Score> scores;
  for (const Expected& expected : read_expected(*folder / "registered.tsv")) {
    const fs::path file = *folder / "registered" / expected.file;
    ASSERT_TRUE(fs::exists(file)) << expected.file;
    const std::string tld = expected.file.substr(0, expected.file.find('_'));
    const Registration found = read_whois(read(file), expected.domain);
    Score& score = scores[tld];
    ++score.answers;
    if (found.kind == AnswerKind::kRegistered) ++score.registered;
    EXPECT_EQ(found.kind, AnswerKind::kRegistered) << expected.file;
    score_date(expected, found, tld, score);
    score_texts(expected, found, score);
  }
  Score all;
  for (const auto& [tld, score] : scores) {
    std::printf(
        "whois corpus %s: expiry %zu of %zu, wrong %zu, registered %zu of %zu, registrar %zu of "
        "%zu, status %zu of %zu\n",
        tld.c_str(), score.right, score.with_date, score.wrong, score.registered, score.answers,
        score.registrar, score.with_registrar, score.status, score.with_status);
    all.right += score.right;
    all.with_date += score.with_date;
    all.wrong += score.wrong;
    all.registrar += score.registrar;
    all.with_registrar += score.with_registrar;
    all.status += score.status;
    all.with_status += score.with_status;
  }
  size_t free = 0;
  size_t not_found = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(*folder / "not_found")) {
    const std::string name = entry.path().filename().string();
    const AnswerKind kind = read_whois(read(entry.path()), name.substr(name.find('_') + 1)).kind;
    ++not_found;
    // Two of them cannot be registered, and are not.
    const bool right = kind == AnswerKind::kFree || kind == AnswerKind::kReserved;
    if (right) ++free;
    EXPECT_TRUE(right) << name << " is read as " << static_cast<int>(kind);
  }
  std::printf("whois corpus: registrar %zu of %zu, status %zu of %zu as listed\n", all.registrar,
              all.with_registrar, all.status, all.with_status);
  std::printf("whois corpus: %zu of %zu right, %zu wrong, %zu of %zu free right\n", all.right,
              all.with_date, all.wrong, free, not_found);
  EXPECT_EQ(all.wrong, 0U);
  EXPECT_GT(all.with_date, 0U);
  EXPECT_GE(all.right * 100, all.with_date * 95);
}

}  // namespace
}  // namespace muster::domains::whois

// What readers that are not ours find in the iCalendar and the CSV, of texts as hostile as they may
// be: they must be the same texts again, and no more events, rows or formulas than there are.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <fstream>

#include "collector/expiry/expiry_csv.h"
#include "collector/expiry/expiry_words.h"
#include "collector/expiry/icalendar.h"
#include "common/text.h"
#include "tests/collector/expiry/every_kind.h"
#include "tests/common/exposition/run_command.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

v1::ExpiryList hostile() {
  v1::ExpiryList list = every_kind(all_within(90));
  const std::string texts[] = {
      "=HYPERLINK(\"http://evil.example\",\"x\")",
      "+1+cmd|' /C calc'!A0",
      "-2+3",
      "@SUM(1)",
      "  =1",
      "\t=1",
      "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:b",
      "a,b;c\\d:\"e\"\nf",
      "\"quoted\"",
      "",
      " ",
      "\u20AC\u00FC\U0001F600" + std::string(300, 'x') + "\u20AC\u00FC\U0001F600",
      std::string(74, 'y') + "\U0001F600\U0001F600",
      "\xff\xfe broken",
      std::string("nul\0inside", 10),
      "\u2028\u2029\u0085",
      "x;VALUE=URI:http://evil.example",
      // But none before an n, a comma or a semicolon: this reader takes the escapes of both for
      // one. ICalendar.EscapesText has these.
      "\\a\\",
  };
  int number = 0;
  for (const std::string& text : texts) {
    v1::ExpiryEntry& entry = *list.add_entries();
    entry.set_kind(v1::EXPIRY_KIND_DOMAIN);
    entry.set_kind_name("domain");
    // A message holds valid UTF-8; what the calendar makes of facts is printable already.
    entry.set_subject(repair_utf8(text));
    entry.set_owner(repair_utf8(text));
    entry.set_detail(repair_utf8(text));
    entry.set_target("t");
    (*entry.mutable_labels())["note"] = repair_utf8(text);
    *entry.mutable_ends_at() = to_proto(in_days(20 + number));
    entry.set_id(fmt::format("id{}", number++));
  }
  return list;
}

TEST(ExpiryFeeds, AreReadByOthersAsTheyWereSaid) {
  const v1::ExpiryList list = hostile();
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() + "/all.ics", std::ios::binary) << to_icalendar(list);
  std::ofstream(directory.path() + "/all.csv", std::ios::binary) << to_expiry_csv(list);
  // As hex, so that nobody's reading of text is in between.
  std::ofstream expected(directory.path() + "/expected");
  for (const v1::ExpiryEntry& entry : list.entries()) {
    expected << fmt::format(
        "{} {} {} {} {}\n", to_hex(entry.id()), to_hex(to_iso_date(from_proto(entry.ends_at()))),
        to_hex("s" + printable(entry.subject())), to_hex("s" + expiry_summary(entry)),
        to_hex("s" + expiry_description(entry)));
  }
  expected.close();
  const test::Ended ended =
      test::run_command(fmt::format("/usr/bin/python3 {}/tests/collector/expiry/read_feeds.py {}",
                                    MUSTER_SOURCE_DIRECTORY, directory.path()));
  EXPECT_EQ(ended.status, 0) << ended.output;
}

}  // namespace
}  // namespace muster::collector

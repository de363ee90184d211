// The iCalendar and the CSV, held to the letter of their RFCs; expiry_readers_test has them read by
// others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/expiry/expiry_csv.h"
#include "collector/expiry/icalendar.h"
#include "common/text.h"
#include "tests/collector/expiry/every_kind.h"

namespace muster::collector {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

v1::ExpiryList one(const std::string& subject) {
  v1::ExpiryList list;
  *list.mutable_made_at() = to_proto(kNow);
  v1::ExpiryEntry& entry = *list.add_entries();
  entry.set_kind(v1::EXPIRY_KIND_CERTIFICATE);
  entry.set_kind_name("certificate");
  entry.set_subject(subject);
  *entry.mutable_ends_at() = to_proto(in_days(1));
  entry.set_host("web1");
  entry.set_owner("shop");
  entry.set_id("0123");
  return list;
}

TEST(ICalendar, IsAnEventForTheDayOfTheEnd) {
  EXPECT_EQ(to_icalendar(one("/a.pem")),
            "BEGIN:VCALENDAR\r\n"
            "VERSION:2.0\r\n"
            "PRODID:-//Muster//muster-collector//EN\r\n"
            "CALSCALE:GREGORIAN\r\n"
            "X-WR-CALNAME:Muster: what ends\r\n"
            "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n"
            "BEGIN:VEVENT\r\n"
            "UID:0123@muster\r\n"
            "DTSTAMP:20270115T080000Z\r\n"
            "DTSTART;VALUE=DATE:20270116\r\n"
            "SUMMARY:/a.pem on web1: certificate ends\r\n"
            "DESCRIPTION:Ends at 2027-01-16T08:00:00Z\\nOwner: shop\\nWhere: web1\r\n"
            "CATEGORIES:certificate\r\n"
            "TRANSP:TRANSPARENT\r\n"
            "BEGIN:VALARM\r\n"
            "ACTION:DISPLAY\r\n"
            "DESCRIPTION:/a.pem on web1: certificate ends\r\n"
            "TRIGGER:-P30D\r\n"
            "END:VALARM\r\n"
            "BEGIN:VALARM\r\n"
            "ACTION:DISPLAY\r\n"
            "DESCRIPTION:/a.pem on web1: certificate ends\r\n"
            "TRIGGER:-P7D\r\n"
            "END:VALARM\r\n"
            "END:VEVENT\r\n"
            "END:VCALENDAR\r\n");
}

TEST(ICalendar, HasLinesOfAtMost75OctetsWithWholeCharacters) {
  for (size_t length = 1; length < 200; ++length) {
    std::string subject;
    for (size_t i = 0; i < length; ++i)
      subject += i % 3 == 0 ? "\u20AC" : "x";
    const std::string calendar = to_icalendar(one(subject));
    std::string unfolded;
    for (size_t begin = 0; begin < calendar.size();) {
      const size_t end = calendar.find("\r\n", begin);
      ASSERT_NE(end, std::string::npos);
      ASSERT_LE(end - begin, 75U);
      const std::string line = calendar.substr(begin, end - begin);
      ASSERT_TRUE(is_valid_utf8(line)) << line;
      if (line.starts_with(' ')) {
        unfolded += line.substr(1);
      } else {
        unfolded += "\n" + line;
      }
      begin = end + 2;
    }
    ASSERT_THAT(unfolded, HasSubstr("\nSUMMARY:" + subject + " on web1: certificate ends\n"));
  }
}

TEST(ICalendar, EscapesText) {
  EXPECT_THAT(
      to_icalendar(one("a\\b;c,d\r\nEND:VEVENT")),
      HasSubstr(
          "\r\nSUMMARY:a\\\\b\\;c\\,d\\\\x0d\\\\x0aEND:VEVENT on web1: certificate ends\r\n"));
  EXPECT_THAT(to_icalendar(one("\\n\\,\\;")),
              HasSubstr("\r\nSUMMARY:\\\\n\\\\\\,\\\\\\; on web1: "));
}

TEST(ICalendar, TellsWhatItLacks) {
  v1::ExpiryList list = one("a");
  EXPECT_THAT(to_icalendar(list), Not(HasSubstr("@muster\r\nDTSTAMP:20270115T080000Z\r\nDTSTART;"
                                                "VALUE=DATE:20270115")));
  list.set_omitted(12);
  list.set_without_end(3);
  EXPECT_THAT(to_icalendar(list), HasSubstr("SUMMARY:12 more ends left out here"));
  EXPECT_THAT(to_icalendar(list),
              HasSubstr("SUMMARY:3 other things should have an end\\, and none"));
}

TEST(ExpiryCsv, HasAHeaderAndARowOfEachEnd) {
  EXPECT_EQ(to_expiry_csv(one("/a,\"b\".pem")),
            "ends_at,days_left,kind,subject,host,target,more_hosts,owner,by_hand,detail,labels,"
            "observed_at,id\r\n"
            "2027-01-16T08:00:00Z,1,certificate,\"/a,\"\"b\"\".pem\",web1,,0,shop,no,,,,0123\r\n");
}

TEST(ExpiryCsv, HasNoCellThatASpreadsheetTakesForAFormula) {
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\uFF1D1", "|cmd", "%0"}) {
    EXPECT_THAT(to_expiry_csv(one(formula)), HasSubstr(std::string(",'") + formula + ",web1"))
        << formula;
  }
  EXPECT_THAT(to_expiry_csv(one("\t=1")), HasSubstr(",\\x09=1,web1"));
}

TEST(ExpiryCsv, TellsWhatItLacks) {
  v1::ExpiryList list;
  EXPECT_THAT(to_expiry_csv(list), EndsWith(",id\r\n"));
  list.set_omitted(1);
  list.set_without_end(2);
  EXPECT_THAT(to_expiry_csv(list), HasSubstr("\r\n,,omitted,\"1 more end left out here: "));
  EXPECT_THAT(to_expiry_csv(list), HasSubstr("\r\n,,without-end,\"2 other things should have "));
}

}  // namespace
}  // namespace muster::collector

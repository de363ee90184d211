#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/domain/rdap/rdap_events.h"
#include "agent/probes/domain/rdap/rdap_status.h"
#include "agent/probes/domain/rdap/retry_after.h"
#include "agent/probes/domain/rdap/web_url.h"
#include "common/timestamp.h"

namespace muster::domains::rdap {
namespace {

using std::chrono::seconds;

TEST(RdapTime, IsReadAsServersWriteIt) {
  struct Row {
    std::string_view text;
    std::string_view time;
    bool zone;
  };
  for (const Row& row : {
           Row{"2027-08-13T04:00:00Z", "2027-08-13T04:00:00Z", true},
           Row{"2027-08-13t04:00:00z", "2027-08-13T04:00:00Z", true},
           Row{"2027-08-13T04:00:00.123456789Z", "2027-08-13T04:00:00Z", true},
           Row{"2027-08-13T04:00:00+02:00", "2027-08-13T02:00:00Z", true},
           Row{"2027-08-13T23:59:59-10:00", "2027-08-14T09:59:59Z", true},
           Row{"2027-08-13T04:00:00+0200", "2027-08-13T02:00:00Z", true},
           Row{" 2027-08-13 04:00:00Z ", "2027-08-13T04:00:00Z", true},
           Row{"2027-08-13T04:00:00", "2027-08-13T04:00:00Z", false},
           Row{"2027-08-13 04:00:00", "2027-08-13T04:00:00Z", false},
           Row{"2027-08-13", "2027-08-13T00:00:00Z", false},
           Row{"2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z", true},
           Row{"1985-01-01T00:00:00Z", "1985-01-01T00:00:00Z", true},
           Row{"2200-12-31T23:59:59Z", "2200-12-31T23:59:59Z", true},
       }) {
    const auto time = read_rdap_time(row.text);
    ASSERT_TRUE(time) << row.text;
    EXPECT_EQ(to_iso8601(time->time), row.time) << row.text;
    EXPECT_EQ(time->zone_named, row.zone) << row.text;
  }
}

TEST(RdapTime, ThatIsNoneIsNotGiven) {
  for (const std::string_view text :
       {"",
        "never",
        "infinite-future",
        "2027",
        "2027-08",
        "13.08.2027",
        "08/13/2027",
        "1786593600",
        "2027-02-29T00:00:00Z",
        "2027-13-01T00:00:00Z",
        "2027-00-10",
        "2027-04-31",
        "2027-08-13T25:00:00Z",
        "2027-08-13T04:60:00Z",
        "2027-08-13T04:00:00 CEST",
        "2027-08-13T04:00:00Zjunk",
        "2027-08-13T04:00Z",
        "0000-00-00T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "1984-12-31T23:59:59Z",
        "2201-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "-2027-08-13",
        "+2027-08-13",
        "2027-08-13T04:00:00.0000000000000000000000000000000000000000Z"}) {
    EXPECT_FALSE(read_rdap_time(text)) << text;
  }
}

TEST(RdapStatus, HasEppsName) {
  struct Row {
    std::string_view status;
    std::string_view name;
  };
  for (const Row& row : {
           // RFC 8056, section 2, all of domains.
           Row{"add period", "addPeriod"},
           Row{"auto renew period", "autoRenewPeriod"},
           Row{"client delete prohibited", "clientDeleteProhibited"},
           Row{"client hold", "clientHold"},
           Row{"client renew prohibited", "clientRenewProhibited"},
           Row{"client transfer prohibited", "clientTransferProhibited"},
           Row{"client update prohibited", "clientUpdateProhibited"},
           Row{"inactive", "inactive"},
           Row{"associated", "linked"},
           Row{"active", "ok"},
           Row{"pending create", "pendingCreate"},
           Row{"pending delete", "pendingDelete"},
           Row{"pending renew", "pendingRenew"},
           Row{"pending restore", "pendingRestore"},
           Row{"pending transfer", "pendingTransfer"},
           Row{"pending update", "pendingUpdate"},
           Row{"redemption period", "redemptionPeriod"},
           Row{"renew period", "renewPeriod"},
           Row{"server delete prohibited", "serverDeleteProhibited"},
           Row{"server hold", "serverHold"},
           Row{"server renew prohibited", "serverRenewProhibited"},
           Row{"server transfer prohibited", "serverTransferProhibited"},
           Row{"server update prohibited", "serverUpdateProhibited"},
           Row{"transfer period", "transferPeriod"},
           // As some servers write them.
           Row{"Client Transfer Prohibited", "clientTransferProhibited"},
           Row{"clientTransferProhibited", "clientTransferProhibited"},
           Row{"client_hold", "clientHold"},
           Row{"clientHold https://icann.org/epp#clientHold", "clientHold"},
           // Without a name in EPP: not made one of those that look alike.
           Row{"transfer prohibited", "transfer prohibited"},
           Row{"Locked", "locked"},
           Row{"not client hold", "not client hold"},
           Row{"\x1b[31m", "\\x1b[31m"},
           Row{"  ", ""},
       }) {
    EXPECT_EQ(epp_status(row.status), row.name) << row.status;
  }
  EXPECT_LE(epp_status(std::string(100000, 'x')).size(), 256U);
}

TEST(RetryAfter, IsSecondsOrADate) {
  const std::chrono::sys_seconds now{seconds(946684700)};  // 1999-12-31T23:58:20Z
  EXPECT_EQ(read_retry_after("120", now), seconds(120));
  EXPECT_EQ(read_retry_after(" 0 ", now), seconds(0));
  EXPECT_EQ(read_retry_after("Fri, 31 Dec 1999 23:59:59 GMT", now), seconds(99));
  EXPECT_EQ(read_retry_after("Friday, 31-Dec-99 23:59:59 GMT", now), seconds(99));
  EXPECT_EQ(read_retry_after("Fri Dec 31 23:59:59 1999", now), seconds(99));
  EXPECT_EQ(read_retry_after("Fri, 31 Dec 1999 23:00:00 GMT", now), seconds(0));
  for (const std::string_view text :
       {"", "soon", "-1", "1.5", "120s", "infinite-future", "infinite-past", "Fri, 31 Dec 1999"}) {
    EXPECT_FALSE(read_retry_after(text, now)) << text;
  }
}

TEST(RetryAfter, IsAWeekAtMost) {
  const std::chrono::sys_seconds now{seconds(946684700)};
  EXPECT_EQ(read_retry_after("604800", now), seconds(604800));
  EXPECT_EQ(read_retry_after("604801", now), seconds(604800));
  EXPECT_EQ(read_retry_after("99999999999999999999999999999999", now), seconds(604800));
  EXPECT_EQ(read_retry_after("Fri, 31 Dec 2999 23:59:59 GMT", now), seconds(604800));
  EXPECT_FALSE(read_retry_after(std::string(65, '1'), now));
}

TEST(WebUrl, IsReadAndWrittenAlike) {
  struct Row {
    std::string_view text;
    std::string_view same;
  };
  for (const Row& row : {
           Row{"https://rdap.example/v1/", "https://rdap.example/v1/"},
           Row{"HTTPS://RDAP.Example:443", "https://rdap.example/"},
           Row{"https://rdap.example./a?b=c#d", "https://rdap.example/a?b=c"},
           Row{"http://rdap.example:80/", "http://rdap.example/"},
           Row{"https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443/"},
       }) {
    const auto url = parse_web_url(row.text);
    ASSERT_TRUE(url.ok()) << url.status();
    EXPECT_EQ(url->text(), row.same);
  }
}

TEST(WebUrl, IsRefusedWhereItIsNone) {
  for (const std::string_view text : {"",
                                      "rdap.example",
                                      "/v1/",
                                      "//rdap.example/",
                                      "ftp://rdap.example/",
                                      "file:///etc/passwd",
                                      "https:///v1/",
                                      "https://user:secret@rdap.example/",
                                      "https://rdap.example:0/",
                                      "https://rdap.example:99999/",
                                      "https://rdap.exam%70le/",
                                      "https://rdap.example/a b",
                                      "https://rdap.example/\n",
                                      "https://./",
                                      "https:",
                                      "https:rdap.example",
                                      "https:/v1/",
                                      "https:\xd8",
                                      "https:[",
                                      "https:\"",
                                      "https://rdap.example/ü",
                                      "https://rdap.example/{a}"}) {
    EXPECT_FALSE(parse_web_url(text).ok()) << text;
  }
  const WebUrl base = *parse_web_url("https://rdap.example/v1/");
  for (const std::string_view location : {"https:\xd8", "https:[", "https:x", "\xd8", "/v1/ü"})
    EXPECT_FALSE(resolve_web_url(base, location).ok()) << location;
  EXPECT_EQ(resolve_web_url(base, "/x:y?a:b")->text(), "https://rdap.example/x:y?a:b");
  const std::string start = "https://rdap.example/";
  EXPECT_TRUE(parse_web_url(start + std::string(1024 - start.size(), 'a')).ok());
  EXPECT_FALSE(parse_web_url(start + std::string(1025 - start.size(), 'a')).ok());
}

}  // namespace
}  // namespace muster::domains::rdap

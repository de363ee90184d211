#include "collector/admin/expiry_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/admin/channel.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
constexpr TerminalStyle kStyle{.color = false, .unicode = true, .width = 80};

v1::ExpiryEntry& add(v1::ExpiryList& list, const std::string& kind, const std::string& subject,
                     int days) {
  v1::ExpiryEntry& entry = *list.add_entries();
  entry.set_kind_name(kind);
  entry.set_subject(subject);
  *entry.mutable_ends_at() = to_proto(kNow + std::chrono::days(days));
  return entry;
}

TEST(ExpiryTable, ShowsEachEndInALineOf80Columns) {
  v1::ExpiryList list;
  add(list, "certificate", "/etc/ssl/private/shop.example.org/fullchain.pem", -3).set_host("web1");
  v1::ExpiryEntry& shared = add(list, "served-certificate", "443/shop\n", 9);
  shared.set_host("web1.example.org");
  shared.set_more_hosts(2);
  shared.set_owner("a-team-with-quite-a-long-name");
  add(list, "domain", "example.org", 30).set_target("example.org");
  add(list, "support-contract", "SAN", 400).set_owner("storage");
  EXPECT_EQ(expiry_table(list, kNow, kStyle),
            "END         IN    KIND           WHAT                    WHERE           OWNER\n"
            "2027-01-12  -3d   certificate    /etc/ssl/private/shop…  web1            -\n"
            "2027-01-24  9d    served-certi…  443/shop\\x0a            web1.examp… +2  a-team…\n"
            "2027-02-14  30d   domain         example.org             example.org     -\n"
            "2028-02-19  400d  support-cont…  SAN                     -               storage\n");
  // A wider terminal shows more of each.
  TerminalStyle wide = kStyle;
  wide.width = 160;
  EXPECT_THAT(expiry_table(list, kNow, wide),
              testing::HasSubstr("/etc/ssl/private/shop.example.org/fullchain.pem  web1 "));
}

TEST(ExpiryTable, SaysWhatItLacks) {
  v1::ExpiryList list;
  EXPECT_EQ(expiry_table(list, kNow, kStyle), "Nothing that is known of ends in that time.\n");
  list.set_without_end(2);
  EXPECT_EQ(expiry_table(list, kNow, kStyle),
            "Nothing that is known of ends in that time.\n"
            "2 other things should have an end, and none is known.\n");
  add(list, "domain", "example.org", 30);
  list.set_omitted(1);
  EXPECT_THAT(expiry_table(list, kNow, kStyle),
              testing::HasSubstr("1 more end left out here: there are too many; ask for fewer "));
}

TEST(Channel, EncodesParameters) {
  EXPECT_EQ(percent_encode_query({}), "");
  EXPECT_EQ(percent_encode_query({{"owner", "a&b=c+d e/ü%"}, {"label", "role=web"}}),
            "?owner=a%26b%3Dc%2Bd%20e/%C3%BC%25&label=role%3Dweb");
}

}  // namespace
}  // namespace muster::collector

#include "agent/probes/domain/whois/whois_servers.h"

#include <gtest/gtest.h>

namespace muster::domains::whois {
namespace {

TEST(WhoisServers, AreAskedInTheirOwnForm) {
  EXPECT_EQ(question_for(server_of("de"), "example.de"), "-T dn,ace example.de\r\n");
  EXPECT_EQ(question_for(server_of("jp"), "example.jp"), "example.jp/e\r\n");
  EXPECT_EQ(question_for(server_of("com"), "example.com"), "domain example.com\r\n");
}

TEST(WhoisServers, AreIanasToNameWhereNothingIsKnown) {
  EXPECT_EQ(server_of("test").host, "");
  EXPECT_EQ(server_of("test").date_order, DateOrder::kUnknown);
  EXPECT_EQ(question_for(server_of("test"), "example.test"), "example.test\r\n");
}

}  // namespace
}  // namespace muster::domains::whois

#include "agent/probes/tls/served_chains.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/agent/probes/tls/tls_server.h"

namespace muster::tls {
namespace {

class ServedChainsTest : public testing::Test {
 protected:
  const TrustStore store_ = TrustStore::missing("there is none here");
  const std::vector<std::string> chain_ = test::make_served({"DNS:www.example.org"}).chain;
  ServedChains chains_{store_};
};

TEST_F(ServedChainsTest, WhatIsAskedAgainIsToldAsTheFirstTime) {
  const std::string told = describe_chain(chain_, 0, store_).SerializeAsString();
  EXPECT_EQ(chains_.describe(chain_, 0).SerializeAsString(), told);
  EXPECT_EQ(chains_.describe(chain_, 0).SerializeAsString(), told);
  EXPECT_EQ(chains_.kept(), 1);
}

TEST_F(ServedChainsTest, ChainsThatDifferInAnythingAreToldApart) {
  EXPECT_EQ(chains_.describe(chain_, 0).certificates_omitted(), 0);
  EXPECT_EQ(chains_.describe(chain_, 3).certificates_omitted(), 3);
  EXPECT_EQ(chains_.describe({chain_.front()}, 0).certificates_size(), 1);
  const auto other = test::make_served({"DNS:www.example.org"}).chain;
  EXPECT_NE(chains_.describe(other, 0).certificates(0).sha256(),
            chains_.describe(chain_, 0).certificates(0).sha256());
}

TEST_F(ServedChainsTest, OneCertificateIsHeldToEachName) {
  for (int again = 0; again < 2; ++again) {
    EXPECT_TRUE(chains_.names(chain_.front(), "www.example.org"));
    EXPECT_FALSE(chains_.names(chain_.front(), "mail.example.org"));
  }
  EXPECT_FALSE(chains_.names(chain_.back(), "www.example.org"));
}

TEST_F(ServedChainsTest, KeepsOnlySoMuch) {
  for (size_t i = 0; i <= ServedChains::kMostKept; ++i) {
    EXPECT_EQ(chains_.describe({fmt::format("no certificate {}", i)}, 0).certificates_size(), 1);
    EXPECT_LE(chains_.kept(), ServedChains::kMostKept);
  }
  EXPECT_EQ(chains_.kept(), 1);
  chains_.describe({std::string(ServedChains::kLargestKept + 1, 'x')}, 0);
  EXPECT_EQ(chains_.kept(), 1);
  for (size_t i = 0; i <= ServedChains::kMostNamesKept; ++i)
    chains_.names("no certificate", fmt::format("{}.example.org", i));
  EXPECT_EQ(chains_.names_kept(), 1);
}

}  // namespace
}  // namespace muster::tls

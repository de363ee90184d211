#include "agent/probes/tls/chain_verification.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include "agent/probes/tls/tls_conversation.h"
#include "common/text.h"
#include "tests/agent/probes/tls/chain_stories.h"
#include "tests/agent/probes/tls/test_pki.h"
#include "tests/common/damaged_bytes.h"

namespace muster::tls {
namespace {

using test::Identity;
using test::make_authority;
using test::make_leaf;
using testing::HasSubstr;

TrustStore store_of(const std::string& pem) {
  absl::StatusOr<TrustStore> store = TrustStore::from_bundle(pem);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : TrustStore::missing("it was wrong");
}

TEST(ChainVerification, OfEachStorySaysWhatTheChainIsWorth) {
  const std::vector<test::ChainStory> stories = test::chain_stories();
  EXPECT_GE(stories.size(), 40);
  for (const test::ChainStory& story : stories) {
    SCOPED_TRACE(story.name);
    const v1::ServedChain chain = describe_chain(story.served, 0, store_of(story.store));
    EXPECT_EQ(v1::ChainTrust_Name(chain.trust()), v1::ChainTrust_Name(story.trust));
    EXPECT_EQ(chain.trust_detail(), story.detail);
    EXPECT_EQ(chain.misordered(), story.misordered);
    EXPECT_EQ(chain.certificates_size(), static_cast<int>(story.served.size()));
    EXPECT_EQ(!chain.anchor().empty(), story.trust == v1::CHAIN_TRUST_TRUSTED);
    EXPECT_EQ(chain.has_anchor_not_after(), story.trust == v1::CHAIN_TRUST_TRUSTED);
  }
}

TEST(ChainVerification, TellsOfEachCertificateAndOfTheAuthority) {
  const Identity root = make_authority("Example Root");
  const Identity leaf = make_leaf("www.example.org", root);
  const v1::ServedChain chain = describe_chain(test::ders_of({&leaf}), 3, store_of(root.pem()));
  ASSERT_EQ(chain.certificates_size(), 1);
  EXPECT_EQ(chain.certificates(0).subject(), "CN=www.example.org");
  EXPECT_EQ(chain.certificates(0).sha256().size(), 64);
  EXPECT_EQ(chain.certificates(0).public_key_sha256().size(), 64);
  EXPECT_EQ(chain.certificates_omitted(), 3);
  EXPECT_EQ(chain.anchor(), "CN=Example Root");
  EXPECT_GT(chain.anchor_not_after().seconds(), chain.certificates(0).not_before().seconds());
}

TEST(ChainVerification, WhatTheLeafIsForIsToldApart) {
  const Identity root = make_authority("Example Root");
  const struct {
    const char* usage;
    bool for_servers;
  } rows[] = {{"", true},
              {"serverAuth", true},
              {"serverAuth,clientAuth", true},
              {"msSGC", true},
              {"clientAuth", false},
              {"emailProtection,codeSigning", false},
              // As OpenSSL's clients and browsers take it.
              {"anyExtendedKeyUsage", false}};
  for (const auto& row : rows) {
    std::vector<std::pair<int, std::string>> more;
    if (*row.usage != '\0') more.emplace_back(NID_ext_key_usage, row.usage);
    const Identity leaf = make_leaf("www.example.org", root, more);
    const v1::ServedChain chain = describe_chain(test::ders_of({&leaf}), 0, store_of(root.pem()));
    EXPECT_EQ(chain.for_servers(), row.for_servers) << row.usage;
    EXPECT_EQ(chain.trust(), v1::CHAIN_TRUST_TRUSTED) << row.usage;
  }
}

TEST(ChainVerification, WhatCannotBeReadIsAnEmptyOneOfABrokenChain) {
  const Identity root = make_authority("Example Root");
  const Identity leaf = make_leaf("www.example.org", root);
  const TrustStore store = store_of(root.pem());
  for (const std::string& bytes : {std::string("no certificate"), std::string(), leaf.der() + "x",
                                   leaf.der().substr(0, 100)}) {
    const std::vector<std::string> served{leaf.der(), bytes};
    const v1::ServedChain chain = describe_chain(served, 0, store);
    ASSERT_EQ(chain.certificates_size(), 2);
    EXPECT_EQ(chain.certificates(1).subject(), "");
    EXPECT_EQ(chain.trust(), v1::CHAIN_TRUST_BROKEN);
    EXPECT_EQ(chain.trust_detail(), "certificate 2 of it cannot be read: it cannot be decoded");
  }
}

TEST(ChainVerification, WithoutAStoreNothingIsKnownAndThatIsSaid) {
  const Identity root = make_authority("Example Root");
  const Identity leaf = make_leaf("www.example.org", root);
  const TrustStore none = TrustStore::missing("/etc/ssl/certs/ca-certificates.crt is not there");
  const v1::ServedChain chain = describe_chain(test::ders_of({&leaf, &root}), 0, none);
  EXPECT_EQ(chain.trust(), v1::CHAIN_TRUST_UNSPECIFIED);
  EXPECT_EQ(chain.trust_detail(), "/etc/ssl/certs/ca-certificates.crt is not there");
  EXPECT_EQ(chain.certificates_size(), 2);
  EXPECT_EQ(describe_chain({}, 0, none).trust_detail(), "no certificate was served");
  EXPECT_FALSE(TrustStore::from_bundle("# nothing\n").ok());
  EXPECT_FALSE(
      TrustStore::from_bundle("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
          .ok());
}

TEST(ChainVerification, MoreCertificatesThanAreReportedAreCounted) {
  const Identity root = make_authority("Example Root");
  const Identity leaf = make_leaf("www.example.org", root);
  const std::vector<const Identity*> twenty(20, &leaf);
  const v1::ServedChain chain = describe_chain(test::ders_of(twenty), 2, store_of(root.pem()));
  EXPECT_EQ(chain.certificates_size(), static_cast<int>(kMostServedCertificates));
  EXPECT_EQ(chain.certificates_omitted(), 2 + 20 - kMostServedCertificates);
}

// Of one name, without key ids, each signed by all keys that there are: 15! ways that lead nowhere.
TEST(ChainVerification, WaysThatMultiplyAreNotAllFollowed) {
  const Identity root = make_authority("Example Root");
  std::vector<Identity> twins;
  std::vector<std::string> served;
  const Identity first = test::make_identity(
      {.name = "Twin", .extensions = {{NID_basic_constraints, "CA:TRUE"}}, .key_ids = false});
  const Identity leaf = test::make_identity({.name = "www.example.org", .key_ids = false}, &first);
  served.push_back(leaf.der());
  for (long serial = 2; serial < 17; ++serial) {
    twins.push_back(test::make_identity({.name = "Twin",
                                         .extensions = {{NID_basic_constraints, "CA:TRUE"}},
                                         .serial = serial,
                                         .key_ids = false,
                                         .key = first.key.get()},
                                        &first));
    served.push_back(twins.back().der());
  }
  const v1::ServedChain chain = describe_chain(served, 0, store_of(root.pem()));
  EXPECT_NE(chain.trust(), v1::CHAIN_TRUST_TRUSTED);
  EXPECT_NE(chain.trust_detail(), "");
}

TEST(ChainVerification, AnyBytesAreAChainThatIsDescribed) {
  const std::vector<test::ChainStory> stories = test::chain_stories();
  std::mt19937 random(20261122);
  for (int i = 0; i < 400; ++i) {
    const test::ChainStory& story = stories[random() % stories.size()];
    std::vector<std::string> served = story.served;
    std::string& one = served[random() % served.size()];
    one = muster::test::damaged(one, random);
    const v1::ServedChain chain = describe_chain(served, 0, store_of(story.store));
    ASSERT_EQ(chain.trust_detail().empty(), chain.trust() == v1::CHAIN_TRUST_TRUSTED) << i;
    ASSERT_EQ(printable(chain.trust_detail()), chain.trust_detail()) << i;
  }
}

}  // namespace
}  // namespace muster::tls

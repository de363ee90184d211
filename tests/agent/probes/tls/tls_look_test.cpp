#include "agent/probes/tls/tls_look.h"

#include <gmock/gmock.h>

#include "agent/probes/tls/section_limit.h"
#include "muster/v1/tls_facts.pb.h"
#include "tests/agent/probes/network/look_world.h"
#include "tests/agent/probes/tls/bad_server.h"
#include "tests/agent/probes/tls/tls_server.h"

namespace muster::tls {
namespace {

using namespace std::chrono_literals;
using network_probe::RequestedLook;
using test::BadServer;
using test::make_served;
using test::ServedCertificate;
using test::ServerSpec;
using test::TlsServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string authority_of(const ServedCertificate& served) {
  const auto* der = reinterpret_cast<const unsigned char*>(served.chain[1].data());
  const X509Ptr authority(d2i_X509(nullptr, &der, static_cast<long>(served.chain[1].size())));
  return muster::test::certificate_pem(authority.get());
}

class TlsLookTest : public network_probe::test::LookWorld {
 protected:
  TlsLookTest() {
    kind = "tls";
    look_function = [this](network_probe::Look& look) { return look_at_tls(look, parts_); };
  }

  std::string at(const std::string& host, uint16_t port) const {
    return Address{.host = host, .port = port}.text();
  }
  // One look, at what may be looked at.
  v1::Section section_of(const std::string& target, Duration timeout = 60s) {
    RequestedLook look = look_at(target);
    look.timeout = timeout;
    const auto sections = run({look});
    EXPECT_THAT(sections, SizeIs(1));
    return sections.empty() ? v1::Section() : sections.front();
  }
  v1::TlsFacts facts_of(const v1::Section& section) {
    v1::TlsFacts facts;
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
    EXPECT_EQ(section.facts_type(), "muster.v1.TlsFacts");
    EXPECT_TRUE(facts.ParseFromString(section.facts()));
    return facts;
  }
  v1::TlsFacts look(const std::string& target, Duration timeout = 60s) {
    return facts_of(section_of(target, timeout));
  }

  const ServedCertificate served_ = make_served({"DNS:www.example.org", "IP:127.0.0.1"});
  const TrustStore store_ = *TrustStore::from_bundle(authority_of(served_));
  const SystemClock system_clock_;
  Revocations revocations_{store_, system_clock_};
  ServedChains chains_{store_};
  HandshakePlaces places_;
  LookParts parts_{
      .store = store_, .revocations = revocations_, .chains = chains_, .places = places_};
};

TEST_F(TlsLookTest, TellsTheChainWhereItLeadsTheNameAndTheVersions) {
  TlsServer server(io, served_, {.lowest = TLS1_2_VERSION});
  allow("127.0.0.1", server.port());
  const std::string target = at("127.0.0.1", server.port()) + "/www.example.org";
  const v1::Section section = section_of(target);
  const v1::TlsFacts facts = facts_of(section);
  EXPECT_EQ(facts.address(), target);
  ASSERT_THAT(facts.services(), SizeIs(1));
  const v1::TlsService& service = facts.services(0);
  EXPECT_EQ(service.address(), at("127.0.0.1", server.port()));
  EXPECT_EQ(service.server_name(), "www.example.org");
  EXPECT_EQ(service.answer(), v1::TLS_ANSWER_COMPLETED);
  EXPECT_EQ(service.version(), "TLSv1.3");
  EXPECT_EQ(service.chain(), 1);
  EXPECT_TRUE(service.name_matches());
  EXPECT_FALSE(service.has_staple());
  EXPECT_THAT(service.versions(), ElementsAre("TLSv1.2", "TLSv1.3"));
  EXPECT_THAT(service.versions_not_asked(), IsEmpty());
  ASSERT_THAT(facts.chains(), SizeIs(1));
  EXPECT_EQ(facts.chains(0).trust(), v1::CHAIN_TRUST_TRUSTED) << facts.chains(0).trust_detail();
  EXPECT_THAT(facts.chains(0).certificates(), SizeIs(2));
  ASSERT_THAT(section.measurements(), SizeIs(2));
  EXPECT_EQ(section.measurements(0).name(), "connect_duration_seconds");
  EXPECT_EQ(section.measurements(1).name(), "tls_handshake_duration_seconds");
  EXPECT_EQ(section.measurements(1).subject(), service.address());
  EXPECT_GT(section.measurements(1).value(), 0);
  EXPECT_EQ(server.accepted(), 3);
}

TEST_F(TlsLookTest, WithoutANameTheCertificateIsHeldToTheAddress) {
  TlsServer server(io, served_);
  TlsServer other(io, make_served({"DNS:www.example.org"}));
  allow("127.0.0.1", server.port());
  allow("127.0.0.1", other.port());
  EXPECT_TRUE(look(at("127.0.0.1", server.port())).services(0).name_matches());
  EXPECT_FALSE(look(at("127.0.0.1", other.port())).services(0).name_matches());
  EXPECT_THAT(server.server_names(), testing::Each(""));
}

TEST_F(TlsLookTest, OneExpiredBackendOfThreeIsFound) {
  const ServedCertificate expired =
      make_served({"DNS:www.example.org"}, muster::test::kYear2026 + 24h);
  TlsServer first(io, served_, {}, "127.0.0.2");
  TlsServer second(io, served_, {}, "127.0.0.3", first.port());
  TlsServer third(io, expired, {}, "127.0.0.4", first.port());
  allow_name("www.example.org", first.port());
  allow("127.0.0.0/8", first.port());
  dns.names["www.example.org"] = {.ipv4 = {"127.0.0.4", "127.0.0.2", "127.0.0.3"}};
  const v1::TlsFacts facts = look(at("www.example.org", first.port()));
  ASSERT_THAT(facts.services(), SizeIs(3));
  EXPECT_EQ(facts.services(0).address(), at("127.0.0.2", first.port()));
  EXPECT_EQ(facts.services(0).chain(), facts.services(1).chain());
  const v1::TlsService& bad = facts.services(2);
  EXPECT_EQ(bad.address(), at("127.0.0.4", first.port()));
  ASSERT_THAT(facts.chains(), SizeIs(2));
  const v1::ServedChain& chain = facts.chains(static_cast<int>(bad.chain()) - 1);
  EXPECT_EQ(chain.certificates(0).not_after().seconds(),
            (muster::test::kYear2026 + 24h).time_since_epoch() / 1s);
  EXPECT_EQ(chain.trust(), v1::CHAIN_TRUST_UNTRUSTED_ROOT);
}

// One that answers nothing would take all the time there is, were it not for its share.
TEST_F(TlsLookTest, AnAddressThatIsDeadLeavesTheOthersTheirTime) {
  const uint16_t port = BadServer(io, {}).endpoint().port();
  boost::asio::ip::tcp::acceptor silent(io, {boost::asio::ip::make_address("127.0.0.2"), port});
  TlsServer alive(io, served_, {}, "127.0.0.3", port);
  allow_name("www.example.org", port);
  allow("127.0.0.0/8", port);
  dns.names["www.example.org"] = {.ipv4 = {"127.0.0.2", "127.0.0.3", "127.0.0.4"}};
  const v1::TlsFacts facts = look(at("www.example.org", port), 1500ms);
  ASSERT_THAT(facts.services(), SizeIs(3));
  EXPECT_EQ(facts.services(0).answer(), v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT);
  EXPECT_THAT(facts.services(0).versions_not_asked(), SizeIs(4));
  EXPECT_EQ(facts.services(1).answer(), v1::TLS_ANSWER_COMPLETED);
  EXPECT_EQ(facts.services(2).answer(), v1::TLS_ANSWER_REFUSED);
}

TEST_F(TlsLookTest, AChainWithoutItsIntermediateIsIncomplete) {
  ServedCertificate leaf_only = make_served({"DNS:www.example.org"});
  leaf_only.chain.resize(1);
  TlsServer server(io, leaf_only);
  // An authority of the same name is in the store; only a stranger's certificate is not.
  parts_.ask_versions = false;
  allow("127.0.0.1", server.port());
  const v1::TlsFacts facts = look(at("127.0.0.1", server.port()));
  ASSERT_THAT(facts.chains(), SizeIs(1));
  EXPECT_NE(facts.chains(0).trust(), v1::CHAIN_TRUST_TRUSTED);
  EXPECT_NE(facts.chains(0).trust_detail(), "");
  EXPECT_THAT(facts.services(0).versions(), ElementsAre("TLSv1.3"));
  EXPECT_THAT(facts.services(0).versions_not_asked(), SizeIs(3));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(TlsLookTest, AServerOfOldVersionsOnlyIsToldAsSuch) {
  TlsServer server(io, served_, {.highest = TLS1_VERSION});
  allow("127.0.0.1", server.port());
  const v1::TlsFacts facts = look(at("127.0.0.1", server.port()));
  EXPECT_EQ(facts.services(0).version(), "TLSv1");
  EXPECT_THAT(facts.services(0).versions(), ElementsAre("TLSv1"));
  EXPECT_THAT(facts.services(0).versions_not_asked(), IsEmpty());
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(TlsLookTest, AServerThatWantsACertificateIsToldWithItsChain) {
  TlsServer server(io, served_, {.client = ServerSpec::Client::kRequired});
  allow("127.0.0.1", server.port());
  const v1::TlsFacts facts = look(at("127.0.0.1", server.port()));
  EXPECT_EQ(facts.services(0).answer(), v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED);
  EXPECT_EQ(facts.services(0).chain(), 1);
  EXPECT_THAT(facts.services(0).versions(), ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"));
}

TEST_F(TlsLookTest, AddressesThatAreNotAllowedAreToldAndNotDialled) {
  TlsServer server(io, served_, {}, "127.0.0.2");
  TlsServer other(io, served_, {}, "127.0.0.3", server.port());
  allow_name("www.example.org", server.port());
  allow("127.0.0.2", server.port());
  dns.names["www.example.org"] = {.ipv4 = {"127.0.0.2", "127.0.0.3"}};
  const v1::TlsFacts facts = look(at("www.example.org", server.port()));
  EXPECT_THAT(facts.services(), SizeIs(1));
  EXPECT_THAT(facts.not_allowed(), ElementsAre("127.0.0.3"));
  EXPECT_EQ(other.accepted(), 0);
}

TEST_F(TlsLookTest, ANameThatDoesNotExistIsAnAnswer) {
  allow_name("gone.example.org", 443);
  const v1::TlsFacts facts = look("gone.example.org:443");
  ASSERT_THAT(facts.services(), SizeIs(1));
  EXPECT_EQ(facts.services(0).answer(), v1::TLS_ANSWER_NO_SUCH_NAME);
  EXPECT_EQ(facts.services(0).address(), "gone.example.org:443");
}

TEST_F(TlsLookTest, WhatIsNoTlsIsToldOnceAndNotAskedForVersions) {
  BadServer server(io, {.first = "220 mail.example.org ESMTP\r\n"});
  allow("127.0.0.1", server.endpoint().port());
  const v1::TlsFacts facts = look(at("127.0.0.1", server.endpoint().port()));
  EXPECT_EQ(facts.services(0).answer(), v1::TLS_ANSWER_NOT_TLS);
  EXPECT_THAT(facts.services(0).detail(), HasSubstr("starttls=smtp?"));
  EXPECT_THAT(facts.services(0).versions_not_asked(), SizeIs(4));
}

TEST_F(TlsLookTest, TheSameServerTwiceHasTheSameFacts) {
  TlsServer server(io, served_);
  allow("127.0.0.1", server.port());
  const std::string target = at("127.0.0.1", server.port());
  EXPECT_EQ(section_of(target).facts(), section_of(target).facts());
}

TEST_F(TlsLookTest, AHundredGoodLooksAreToldBesideFiftyBadOnes) {
  TlsServer good(io, served_);
  BadServer bad(io, {.first = std::string("\x16\x03\x03\x3e\x84\x02\x00\x3e\x80", 9)});
  allow("127.0.0.1", good.port());
  allow("127.0.0.1", bad.endpoint().port());
  std::vector<RequestedLook> looks(50, look_at(at("127.0.0.1", bad.endpoint().port())));
  for (RequestedLook& one : looks)
    one.timeout = 500ms;
  looks.insert(looks.end(), 100, look_at(at("127.0.0.1", good.port())));
  const auto sections = run(looks);
  ASSERT_THAT(sections, SizeIs(150));
  int completed = 0;
  int timed_out = 0;
  for (const v1::Section& section : sections) {
    const v1::TlsAnswer answer = facts_of(section).services(0).answer();
    completed += answer == v1::TLS_ANSWER_COMPLETED ? 1 : 0;
    timed_out += answer == v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT ? 1 : 0;
  }
  EXPECT_EQ(completed, 100);
  EXPECT_EQ(timed_out, 50);
}

TEST_F(TlsLookTest, ASectionStaysBelowItsLimitWhateverIsServed) {
  std::vector<std::string> names;
  for (int i = 0; i < 400; ++i)
    names.push_back("DNS:" + std::string(60, 'a') + "." + std::string(60, 'b') + "." +
                    std::string(60, 'c') + std::to_string(i));
  ServedCertificate large = make_served(names);
  for (int i = 0; i < 3; ++i)
    large.chain.push_back(large.chain.front());
  TlsServer server(io, large);
  allow("127.0.0.1", server.port());
  const v1::Section section = section_of(at("127.0.0.1", server.port()));
  EXPECT_LT(section.ByteSizeLong(), size_t{64} << 10);
  const v1::TlsFacts facts = facts_of(section);
  const v1::Certificate& leaf = facts.chains(0).certificates(0);
  EXPECT_EQ(leaf.names_omitted() + static_cast<uint32_t>(leaf.subject_alternative_names_size()),
            400);
  EXPECT_EQ(facts.chains(0).certificates_omitted() +
                static_cast<uint32_t>(facts.chains(0).certificates_size()),
            5);
}

TEST(SectionLimit, LeavesOutWhatIsCountedUntilItFits) {
  v1::TlsFacts facts;
  for (int i = 0; i < 16; ++i) {
    v1::ServedChain& chain = *facts.add_chains();
    for (int j = 0; j < 16; ++j)
      chain.add_certificates()->set_subject(std::string(1024, 's'));
  }
  keep_within(facts, 20 << 10);
  EXPECT_LE(facts.ByteSizeLong(), size_t{20} << 10);
  EXPECT_EQ(facts.chains(0).certificates_size(), 1);
  EXPECT_EQ(facts.chains(0).certificates_omitted(), 15);
}

}  // namespace
}  // namespace muster::tls

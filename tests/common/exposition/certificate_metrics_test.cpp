#include "common/exposition/certificate_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/exposition/tls_metrics.h"
#include "tests/common/exposition/full_host.h"

namespace muster::exposition {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::HasSubstr;
using ::testing::Not;

v1::KeyFile& add_key_file(v1::CertificateFacts& facts, uint32_t mode, const char* group) {
  v1::KeyFile& key = *facts.add_keys();
  key.set_mode(mode);
  key.set_group(group);
  return key;
}

template <typename Facts>
std::string samples_of(const char* probe, const Facts& facts) {
  const std::vector<SectionState> sections{observed(probe, facts)};
  return samples({.host = "h", .sections = sections});
}

TEST(CertificateMetrics, CountKeysByTheWidestCircleThatReadsThem) {
  v1::CertificateFacts facts;
  add_key_file(facts, 0600, "root");
  add_key_file(facts, 0640, "root");
  add_key_file(facts, 0640, "ssl-cert");
  add_key_file(facts, 0600, "root").add_readers_by_acl("user:backup");
  add_key_file(facts, 0644, "root").add_readers_by_acl("user:backup");
  // Who can write it can replace it; and a list that could not be read is no circle.
  add_key_file(facts, 0600, "root").add_writers_by_acl("user:backup");
  add_key_file(facts, 0600, "root").set_access_list_error("of NFSv4");
  const std::string text = samples_of("certificates", facts);
  EXPECT_THAT(text, HasSubstr("muster_key_files{host=\"h\",readers=\"owner\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("muster_key_files{host=\"h\",readers=\"group\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("muster_key_files{host=\"h\",readers=\"acl\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("muster_key_files{host=\"h\",readers=\"unknown\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("muster_key_files{host=\"h\",readers=\"others\"} 1\n"));
}

TEST(CertificateMetrics, CountNoKeysWhereNoneWasFound) {
  EXPECT_THAT(samples_of("certificates", v1::CertificateFacts()),
              Not(HasSubstr("muster_key_files")));
}

TEST(CertificateMetrics, CountWhatCouldNotBeReadWhateverItWas) {
  v1::CertificateFacts facts;
  add_file(facts, "/etc/ssl/a.p12").set_error("its password is wrong");
  facts.add_unreadable_directories()->set_path("/etc/ssl/private");
  facts.add_unread_configurations("/etc/haproxy/haproxy.cfg: Permission denied");
  EXPECT_THAT(samples_of("certificates", facts),
              HasSubstr("muster_certificate_files_unreadable{host=\"h\"} 3\n"));
}

TEST(CertificateMetrics, TellOneThatLiesInTwoFilesAndIsServedOnce) {
  v1::CertificateFacts files;
  add_certificate(add_file(files, "/etc/a.pem"), "www", kNow, kNow + days(1));
  add_certificate(add_file(files, "/etc/b.pem"), "www", kNow, kNow + days(1));
  v1::ListenerFacts served;
  *served.add_chains()->add_certificates() = files.files(0).certificates(0);
  const std::vector<SectionState> sections{observed("certificates", files),
                                           observed("listeners", served)};
  const RenderedHost host = render_host({.host = "h", .sections = sections, .series_budget = 0});
  const RenderedHost whole = render_host({.host = "h", .sections = sections});
  const auto lines = [](std::string_view text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines(whole[kCertificateFile]), 2);
  EXPECT_EQ(lines(whole[kCertificateInfo]), 1);
  EXPECT_EQ(lines(whole[kCertificateNotAfter]), 1);
  // What is left out is counted once, too.
  int64_t left_out = 0;
  for (size_t family = 0; family < kHostFamilyCount; ++family) {
    if (family != kHostSeriesCut) left_out += lines(whole[family]) - lines(host[family]);
  }
  EXPECT_EQ(static_cast<int64_t>(host.cut()), left_out);
}

TEST(CertificateMetrics, LeaveOutACertificateThatCouldNotBeRead) {
  v1::ListenerFacts facts;
  facts.add_chains()->add_certificates();
  EXPECT_THAT(samples_of("listeners", facts), Not(HasSubstr("muster_certificate_info")));
}

TEST(TlsMetrics, HaveUnknownForWhatANewerAgentMaySay) {
  v1::ListenerFacts facts;
  v1::Listener& listener = *facts.add_listeners();
  listener.set_state(static_cast<v1::ListenerState>(99));
  v1::TlsService& service = *listener.add_services();
  service.set_answer(static_cast<v1::TlsAnswer>(99));
  service.set_revocation(static_cast<v1::Revocation>(99));
  service.set_chain(1);
  facts.add_chains()->set_trust(static_cast<v1::ChainTrust>(99));
  const std::string text = samples_of("listeners", facts);
  EXPECT_THAT(text, HasSubstr("muster_listening_sockets{host=\"h\",state=\"unknown\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("answer=\"unknown\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("trust=\"unknown\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("revocation=\"unknown\"} 1\n"));
}

TEST(TlsMetrics, KnowNoChainOfANumberThatThereIsNot) {
  v1::ListenerFacts facts;
  v1::Listener& listener = *facts.add_listeners();
  listener.set_state(v1::LISTENER_STATE_TLS);
  listener.add_services()->set_chain(2);
  listener.add_services()->set_chain(0xffffffff);
  facts.add_chains();
  EXPECT_THAT(samples_of("listeners", facts), Not(HasSubstr("muster_listener_tls_chain_trust")));
}

}  // namespace
}  // namespace muster::exposition

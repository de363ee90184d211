#include "agent/output/certificate_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "agent/output/certificate_sentences.h"
#include "common/timestamp.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/fleet.pb.h"
#include "muster/v1/listener_facts.pb.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const TimePoint now = *parse_iso8601("2026-11-22T12:00:00Z");

template <typename Facts>
SectionState section(const Facts& facts) {
  SectionState state;
  state.outcome = v1::OUTCOME_OBSERVED;
  state.facts_type = facts.GetTypeName();
  state.facts = facts.SerializeAsString();
  return state;
}

v1::Certificate certificate(const std::string& sha256, Duration lasts) {
  v1::Certificate made;
  made.set_sha256(sha256);
  *made.mutable_not_after() = to_proto(now + lasts);
  return made;
}

void add_file(v1::CertificateFacts& facts, const std::string& path, const v1::Certificate& leaf) {
  v1::CertificateFile& file = *facts.add_files();
  file.set_path(path);
  *file.add_certificates() = leaf;
}

void serve(v1::ListenerFacts& facts, uint32_t port, const std::string& unit,
           const v1::Certificate& leaf) {
  v1::Listener& listener = *facts.add_listeners();
  listener.set_port(port);
  listener.mutable_owner()->set_unit(unit);
  *facts.add_chains()->add_certificates() = leaf;
  listener.add_services()->set_chain(static_cast<uint32_t>(facts.chains_size()));
}

std::string table(const std::vector<SectionState>& sections, size_t width = 80) {
  TerminalStyle style;
  style.width = width;
  return certificate_table(sections, now, style);
}

TEST(CertificateTable, HasFileProcessAndDaysOfEachOnceAndWhatEndsFirstAtTheTop) {
  v1::CertificateFacts files;
  add_file(files, "/etc/nginx/ssl/shop.pem", certificate("2ew", days(90)));
  add_file(files, "/etc/postfix/mail.pem", certificate("ma11", days(30)));
  add_file(files, "/etc/dovecot/mail.pem", certificate("ma11", days(30)));
  add_file(files, "/root/old.pem", certificate("01d", -days(40)));
  v1::ListenerFacts sockets;
  serve(sockets, 443, "nginx.service", certificate("0n0", days(3)));
  serve(sockets, 25, "postfix.service", certificate("ma11", days(30)));
  serve(sockets, 993, "dovecot.service", certificate("ma11", days(30)));
  EXPECT_EQ(table({section(files), section(sockets)}),
            "ENDS         CERTIFICATE               SERVED BY\n"
            "40 days ago  /root/old.pem             not served\n"
            "in 3 days    port 443                  nginx.service\n"
            "in 30 days   /etc/postfix/mail.pem +1  postfix.service +1\n"
            "in 90 days   /etc/nginx/ssl/shop.pem   not served\n");
  // Nobody looked at sockets.
  EXPECT_THAT(table({section(files)}), HasSubstr("/root/old.pem             -\n"));
  EXPECT_THAT(table({}), IsEmpty());
}

TEST(CertificateTable, FitsItsWidthAndKeepsTheEndsOfPaths) {
  v1::CertificateFacts files;
  for (int i = 0; i < 13; ++i) {
    add_file(files, "/etc/" + std::string(200, 'x') + "/" + std::to_string(i) + ".pem",
             certificate(std::to_string(i), days(i + 1)));
  }
  v1::ListenerFacts sockets;
  serve(sockets, 443, std::string(200, 'u') + ".service", certificate("0", days(1)));
  for (const size_t width : {80, 60}) {
    const std::string text = table({section(files), section(sockets)}, width);
    size_t lines = 0;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      EXPECT_LE(display_width(text.substr(begin, end - begin)), width);
      begin = end + 1;
      ++lines;
    }
    EXPECT_EQ(lines, 1U + 10 + 1);
    EXPECT_THAT(text, HasSubstr("x/9.pem  "));
    EXPECT_THAT(text, HasSubstr("and 3 more certificates, which end later"));
  }
}

TEST(CertificateTable, LeavesOutWhatHasNoEndAndSurvivesDatesOfAnyKind) {
  v1::CertificateFacts files;
  add_file(files, "/a.pem", v1::Certificate());
  EXPECT_THAT(table({section(files)}), IsEmpty());
  v1::Certificate odd;
  odd.mutable_not_after()->set_seconds(INT64_MAX);
  add_file(files, "/b\x1b.pem", odd);
  odd.mutable_not_after()->set_seconds(INT64_MIN);
  odd.set_serial("1");
  add_file(files, "/c.pem", odd);
  EXPECT_THAT(table({section(files)}), HasSubstr("in 100000 days"));
  EXPECT_EQ(table({section(files)}).find('\x1b'), std::string::npos);
}

v1::Verdict verdict_of(const std::string& rule, const std::vector<std::string>& reasons) {
  v1::Verdict verdict;
  verdict.set_rule(rule);
  for (const std::string& reason : reasons) {
    v1::SubjectVerdict& subject = *verdict.add_subjects();
    subject.set_subject("/s" + std::to_string(verdict.subjects_size()));
    subject.set_status(v1::STATUS_DUE);
    subject.set_reason(reason);
  }
  return verdict;
}

std::vector<std::string> sentences(const std::vector<v1::Verdict>& verdicts) {
  return certificate_sentences(verdicts);
}

TEST(CertificateSentences, SayWhatToReloadOnceForAllNames) {
  const std::string reload =
      "/etc/nginx/ssl/shop.pem renewed 2 h ago, nginx still serves the old one, which ends in 3 "
      "days: reload nginx.service";
  v1::Verdict keys = verdict_of("key_files_private", {"others can read it: chmod o-r", "x"});
  keys.mutable_subjects(1)->set_status(v1::STATUS_PASS);
  EXPECT_THAT(sentences({verdict_of("keys_match", {"the key /k belongs to another"}), keys,
                         verdict_of("served_is_on_disk", {reload, reload})}),
              ElementsAre(reload + ".", "/s1: the key /k belongs to another.",
                          "/s1: others can read it: chmod o-r."));
  EXPECT_THAT(sentences({}), IsEmpty());
}

TEST(CertificateSentences, AreAFew) {
  std::vector<std::string> reasons;
  for (int i = 0; i < 8; ++i)
    reasons.push_back(std::string(2000, static_cast<char>('a' + i)));
  const std::vector<std::string> few = sentences({verdict_of("served_is_on_disk", reasons)});
  ASSERT_EQ(few.size(), 6U);
  EXPECT_LT(few[0].size(), 600U);
  EXPECT_EQ(few[5], "And 3 more that are renewed and not served.");
}

}  // namespace
}  // namespace muster::agent

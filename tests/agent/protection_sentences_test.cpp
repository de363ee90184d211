#include "agent/output/protection_sentences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "muster/v1/fleet.pb.h"

namespace muster::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::Verdict verdict_of(const std::string& rule, const std::string& subject,
                       const std::string& reason, v1::Status status = v1::STATUS_FAIL) {
  v1::Verdict verdict;
  verdict.set_rule(rule);
  v1::SubjectVerdict& added = *verdict.add_subjects();
  added.set_subject(subject);
  added.set_status(status);
  added.set_reason(reason);
  return verdict;
}

TEST(ProtectionSentences, SayAllOfAProductInOne) {
  EXPECT_THAT(
      protection_sentences(std::vector{
          verdict_of("exclusions_allowed", "clamav: path /srv",
                     "ClamAV: path /srv is excluded, and the policy does not allow it"),
          verdict_of("signatures_loaded", "clamav",
                     "ClamAV: a newer database lies on disk since 06:12 UTC: reload clamd",
                     v1::STATUS_DUE),
          verdict_of("events_not_lost", "auditd", "auditd: 3 events were lost"),
          verdict_of("signatures_fresh", "clamav", "ClamAV: loaded signatures are 9 days old"),
          verdict_of("antivirus_protects", "", "nothing protects the host: ClamAV is off")}),
      ElementsAre("Nothing protects the host: ClamAV is off.",
                  "ClamAV: loaded signatures are 9 days old; a newer database lies on disk since "
                  "06:12 UTC: reload clamd; path /srv is excluded, and the policy does not allow "
                  "it.",
                  "auditd: 3 events were lost."));
}

TEST(ProtectionSentences, AreOnlyOfWhatIsToDo) {
  for (const v1::Status status : {v1::STATUS_PASS, v1::STATUS_WAIVED, v1::STATUS_NOT_APPLICABLE}) {
    EXPECT_THAT(protection_sentences(std::vector{
                    verdict_of("antivirus_present", "", "no antivirus is installed", status),
                    verdict_of("signatures_fresh", "clamav", "ClamAV: old", status)}),
                IsEmpty());
  }
  EXPECT_THAT(protection_sentences(std::vector{verdict_of("reboot_done", "kernel", "old")}),
              IsEmpty());
}

// Nobody reads "not protected" out of a paragraph that says nothing of it.
TEST(ProtectionSentences, SayWhatIsNotKnown) {
  const std::string unseen = "the probe antivirus could not look: killed";
  std::vector<v1::Verdict> verdicts{
      verdict_of("full_scan_recent", "clamav", "ClamAV: b.log is root's", v1::STATUS_UNKNOWN),
      verdict_of("signatures_fresh", "clamav", "ClamAV: clamd hung", v1::STATUS_UNKNOWN),
      verdict_of("antivirus_present", "", unseen, v1::STATUS_UNKNOWN),
      verdict_of("antivirus_protects", "", unseen, v1::STATUS_UNKNOWN)};
  verdicts[0].set_title("A full scan ran lately");
  verdicts[1].set_control("signatures-fresh");
  EXPECT_THAT(protection_sentences(verdicts),
              ElementsAre("The probe antivirus could not look: killed.",
                          "Not known, for the reasons above: signatures-fresh, A full scan ran "
                          "lately."));
}

TEST(ProtectionSentences, NameAFewOfManyExclusions) {
  v1::Verdict verdict;
  verdict.set_rule("exclusions_allowed");
  for (int i = 0; i < 200; ++i) {
    v1::SubjectVerdict& added = *verdict.add_subjects();
    added.set_subject("clamav: path /" + std::to_string(i));
    added.set_status(v1::STATUS_DUE);
    added.set_reason("ClamAV: path /" + std::to_string(i) + "\x1b[2J");
  }
  EXPECT_THAT(protection_sentences(std::vector{verdict}),
              ElementsAre("ClamAV: path /0\\x1b[2J; path /1\\x1b[2J; path /2\\x1b[2J; path "
                          "/3\\x1b[2J; path /4\\x1b[2J; path /5\\x1b[2J; and 194 more."));
}

}  // namespace
}  // namespace muster::agent

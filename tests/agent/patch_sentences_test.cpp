#include "agent/output/patch_sentences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/timestamp.h"
#include "muster/v1/fleet.pb.h"

namespace muster::agent {
namespace {

using std::chrono::days;
using testing::ElementsAre;
using testing::IsEmpty;

const TimePoint now = *parse_iso8601("2026-11-22T12:00:00Z");

v1::SubjectVerdict& add(v1::Verdict& verdict, const std::string& subject, v1::Status status,
                        const std::string& reason, TimePoint first_failed) {
  v1::SubjectVerdict& added = *verdict.add_subjects();
  added.set_subject(subject);
  added.set_status(status);
  added.set_reason(reason);
  *added.mutable_first_failed_at() = to_proto(first_failed);
  return added;
}

v1::Verdict verdict_of(const std::string& rule) {
  v1::Verdict verdict;
  verdict.set_rule(rule);
  return verdict;
}

std::vector<std::string> sentences(const std::vector<v1::Verdict>& verdicts,
                                   bool ages_are_known = true) {
  return patch_sentences(verdicts, ages_are_known, now);
}

TEST(PatchSentences, SayWhatWaitsForHowLongAndWhatToRestart) {
  v1::Verdict updates = verdict_of("security_updates");
  add(updates, "openssl", v1::STATUS_DUE, "", now - days(9));
  add(updates, "curl", v1::STATUS_FAIL, "", now - days(2));
  add(updates, "nginx", v1::STATUS_DUE, "", now);
  add(updates, "frozen", v1::STATUS_WAIVED, "", now - days(50));
  add(updates, "odd", v1::STATUS_UNKNOWN, "", now - days(60));
  v1::Verdict services = verdict_of("services_restarted");
  add(services, "nginx.service", v1::STATUS_DUE, "runs a replaced libssl.so.3: restart it", now);
  v1::Verdict reboot = verdict_of("reboot_done");
  add(reboot, "kernel", v1::STATUS_DUE, "6.1.0-27-amd64 runs, 6.1.0-28-amd64 is installed", now);
  v1::Verdict system = verdict_of("system_supported");
  add(system, "", v1::STATUS_FAIL,
      "support of Debian GNU/Linux 10 (buster) ended on 2024-06-30 (lts)", now);
  EXPECT_THAT(
      sentences({reboot, services, system, updates}),
      ElementsAre("3 security updates, the oldest pending 9 days; nginx.service runs a replaced "
                  "libssl.so.3: restart it.",
                  "Kernel: 6.1.0-27-amd64 runs, 6.1.0-28-amd64 is installed: reboot.",
                  "Support of Debian GNU/Linux 10 (buster) ended on 2024-06-30 (lts)."));
}

TEST(PatchSentences, SayWhereTheAgeIsNotKnown) {
  v1::Verdict updates = verdict_of("security_updates");
  add(updates, "openssl", v1::STATUS_DUE, "", now - days(9));
  EXPECT_THAT(sentences({updates}), ElementsAre("1 security update, pending 9 days."));
  EXPECT_THAT(sentences({updates}, false), ElementsAre("1 security update, age unknown."));
  updates.clear_subjects();
  add(updates, "openssl", v1::STATUS_DUE, "", now);
  EXPECT_THAT(sentences({updates}), ElementsAre("1 security update, first seen now."));
}

TEST(PatchSentences, CountAnUpdateOnceThatSeveralControlsAskFor) {
  v1::Verdict updates = verdict_of("security_updates");
  add(updates, "openssl", v1::STATUS_DUE, "", now - days(9));
  EXPECT_THAT(sentences({updates, updates}), ElementsAre("1 security update, pending 9 days."));
}

TEST(PatchSentences, NameAFewServicesAndCountTheRest) {
  v1::Verdict services = verdict_of("services_restarted");
  for (const char* const name : {"a\x1b[2J", "b", "c", "d"})
    add(services, name, v1::STATUS_FAIL, "runs files that were replaced: restart it", now);
  const std::string first =
      "a\\x1b[2J runs files that were replaced: restart it; b runs files that were replaced: "
      "restart it; c runs files that were replaced: restart it; ";
  EXPECT_THAT(sentences({services}), ElementsAre(first + "1 more service runs replaced files."));
  add(services, "e", v1::STATUS_FAIL, "", now);
  EXPECT_THAT(sentences({services}), ElementsAre(first + "2 more services run replaced files."));
}

TEST(PatchSentences, NameEachReasonForAReboot) {
  v1::Verdict reboot = verdict_of("reboot_done");
  add(reboot, "/run/reboot-required", v1::STATUS_FAIL, "asked for by dbus", now);
  add(reboot, "microcode", v1::STATUS_DUE, "revision 0x1 runs, 0x2 is installed", now);
  EXPECT_THAT(sentences({reboot}),
              ElementsAre("/run/reboot-required: asked for by dbus; microcode: revision 0x1 runs, "
                          "0x2 is installed: reboot."));
}

TEST(PatchSentences, AreNoneWhereNothingIsToDo) {
  v1::Verdict updates = verdict_of("security_updates");
  add(updates, "", v1::STATUS_PASS, "no security updates wait", now);
  EXPECT_THAT(sentences({updates}), IsEmpty());
  EXPECT_THAT(sentences({}), IsEmpty());
}

}  // namespace
}  // namespace muster::agent

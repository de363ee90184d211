// What antivirus products find threats with: fresh, and loaded.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules.h"
#include "tests/common/policy/protection.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;

void set_built(v1::Signatures& signatures, const std::string& version, Duration age) {
  signatures.set_version(version);
  *signatures.mutable_built_at() = to_proto(kNow - age);
}

std::string fresh_line(const v1::ProtectionProduct& product) {
  return judged(control_of("signatures_fresh"), antivirus({product})).at(0);
}

std::string loaded_line(const v1::ProtectionProduct& product) {
  return judged(control_of("signatures_loaded"), antivirus({product})).at(0);
}

TEST(SignaturesFresh, IsWhatIsLoadedAndNotWhatWasDownloaded) {
  v1::ProtectionProduct product = clamav();
  EXPECT_EQ(fresh_line(product),
            "clamav | pass | ClamAV: loaded signatures 27500 were made on 2026-11-21");
  set_built(*product.mutable_loaded_signatures(), "27491", days(9));
  EXPECT_EQ(fresh_line(product), "clamav | fail | ClamAV: loaded signatures are 9 days old");
  set_built(*product.mutable_loaded_signatures(), "27497", days(3) - kMicrosecond);
  EXPECT_EQ(fresh_line(product),
            "clamav | pass | ClamAV: loaded signatures 27497 were made on 2026-11-18");
  set_built(*product.mutable_loaded_signatures(), "27497", days(3));
  EXPECT_EQ(fresh_line(product), "clamav | fail | ClamAV: loaded signatures are 3 days old");
}

TEST(SignaturesFresh, OfAScannerAreThoseOnDisk) {
  v1::ProtectionProduct product = clamav();
  product.clear_loaded_signatures();
  product.clear_running();
  product.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
  set_built(*product.mutable_disk_signatures(), "27491", days(9));
  EXPECT_EQ(fresh_line(product), "clamav | fail | ClamAV: its signatures are 9 days old");
  EXPECT_EQ(loaded_line(product),
            "clamav | not_applicable | ClamAV: it loads its signatures at each scan");
  unread(product, "loaded_signatures", "clamd hung");
  EXPECT_EQ(fresh_line(product),
            "clamav | unknown | ClamAV: its signatures could not be read: clamd hung");
  EXPECT_EQ(loaded_line(product),
            "clamav | unknown | ClamAV: what is loaded could not be read: clamd hung");
}

TEST(SignaturesFresh, SaysWhyItCannotTell) {
  v1::ProtectionProduct product = clamav();
  product.mutable_loaded_signatures()->Clear();
  EXPECT_EQ(fresh_line(product),
            "clamav | unknown | ClamAV: loaded signatures are local ones: they have no version "
            "and no time");
  v1::ProtectionProduct without_zone = product;
  without_zone.mutable_loaded_signatures()->set_version("7.1");
  unread(without_zone, "loaded_signatures.built_at", "no time zone");
  EXPECT_EQ(fresh_line(without_zone),
            "clamav | unknown | ClamAV: when loaded signatures were made could not be read: no "
            "time zone");
  product.mutable_loaded_signatures()->set_version("7.1");
  EXPECT_EQ(fresh_line(product),
            "clamav | unknown | ClamAV: loaded signatures 7.1 do not tell when they were made");
  set_built(*product.mutable_loaded_signatures(), "7.1", -days(400));
  EXPECT_EQ(fresh_line(product),
            "clamav | unknown | ClamAV: loaded signatures 7.1 were made on 2027-12-26, which has "
            "not come yet: see whether a clock is wrong");
  product.clear_loaded_signatures();
  EXPECT_EQ(fresh_line(product),
            "clamav | unknown | ClamAV: it does not tell which signatures are loaded");
  unread(product, "loaded_signatures", "no answer within 5 s");
  EXPECT_EQ(fresh_line(product),
            "clamav | unknown | ClamAV: the loaded signatures could not be read: no answer within "
            "5 s");
  EXPECT_EQ(
      fresh_line(defender()),
      "microsoft-defender | not_applicable | Defender: on the host it tells of no signatures");
}

TEST(SignaturesFresh, GoesByTheLastUpdateWhereTheirAgeIsNotTold) {
  v1::ProtectionProduct product = defender();
  constexpr std::string_view kBefore =
      "microsoft-defender | {} | Defender: it does not tell how old its signatures 1.421.226.0 "
      "are; it last updated ";
  product.mutable_loaded_signatures()->set_version("1.421.226.0");
  const std::string untold =
      "microsoft-defender | unknown | Defender: loaded signatures 1.421.226.0 do not tell when "
      "they were made";
  EXPECT_EQ(fresh_line(product), untold);
  const auto set_update = [&product](Duration age) {
    *product.mutable_last_update_succeeded_at() = to_proto(kNow - age);
  };
  set_update(days(3) - kMicrosecond);
  EXPECT_EQ(fresh_line(product), fmt::format(kBefore, "pass") + "on 2026-11-18");
  set_update(days(3));
  EXPECT_EQ(fresh_line(product), fmt::format(kBefore, "fail") + "3 days ago");
  // Tomorrow's update has not been.
  set_update(-days(2));
  EXPECT_EQ(fresh_line(product), fmt::format(kBefore, "unknown") +
                                     "on 2026-11-23, which has not come yet: see whether a clock "
                                     "is wrong");
  set_update(hours(3));
  unread(product, "loaded_signatures.built_at", "no time zone");
  EXPECT_EQ(fresh_line(product), fmt::format(kBefore, "pass") + "on 2026-11-21");
  product.clear_last_update_succeeded_at();
  EXPECT_EQ(fresh_line(product),
            "microsoft-defender | unknown | Defender: when loaded signatures were made could not "
            "be read: no time zone");
}

// An update brings files to the disk, and says nothing of what a daemon has loaded.
TEST(SignaturesFresh, DoesNotGoByTheUpdateOfADatabaseThatNeedNotBeLoaded) {
  v1::ProtectionProduct product = clamav();
  product.mutable_loaded_signatures()->clear_built_at();
  *product.mutable_last_update_succeeded_at() = to_proto(kNow - hours(3));
  const std::string untold =
      "clamav | unknown | ClamAV: loaded signatures 27500 do not tell when they were made";
  EXPECT_EQ(fresh_line(product), untold);
  product.clear_disk_signatures();
  unread(product, "disk_signatures", "/var/lib/clamav: Permission denied");
  EXPECT_EQ(fresh_line(product), untold);
}

// That it is not protecting is said by the rule that asks for it.
TEST(SignatureRules, DoNotApplyToADaemonThatDoesNotRun) {
  v1::ProtectionProduct product = clamav();
  product.clear_loaded_signatures();
  product.set_running(v1::ANSWER_NO);
  const std::string stopped =
      "clamav | not_applicable | ClamAV: it does not run, so no signatures are loaded";
  EXPECT_EQ(fresh_line(product), stopped);
  EXPECT_EQ(loaded_line(product), stopped);
}

TEST(SignaturesLoaded, SaysSinceWhenAnotherDatabaseLiesOnDisk) {
  v1::ProtectionProduct product = clamav();
  EXPECT_EQ(loaded_line(product), "clamav | pass | ClamAV: the database on disk is loaded: 27500");
  v1::Signatures& loaded = *product.mutable_loaded_signatures();
  v1::Signatures& disk = *product.mutable_disk_signatures();
  set_built(loaded, "27491", days(9));
  *disk.mutable_written_at() = to_proto(kNow - hours(6) + std::chrono::minutes(12));
  EXPECT_EQ(loaded_line(product),
            "clamav | fail | ClamAV: a newer database lies on disk since 06:12 UTC: reload clamd");
  *disk.mutable_written_at() = to_proto(kNow - hours(13));
  EXPECT_EQ(loaded_line(product),
            "clamav | fail | ClamAV: a newer database lies on disk since 2026-11-20 23:00 UTC: "
            "reload clamd");
  disk.clear_written_at();
  set_built(disk, "27400", days(90));
  EXPECT_EQ(loaded_line(product),
            "clamav | fail | ClamAV: an older database lies on disk: reload clamd");
  disk.clear_built_at();
  disk.set_version("127400");
  EXPECT_EQ(loaded_line(product),
            "clamav | fail | ClamAV: a newer database lies on disk: reload clamd");
  product.set_product("other");
  disk.set_version("1.27.0");
  EXPECT_EQ(loaded_line(product),
            "other | fail | ClamAV: another database lies on disk: let it load that");
}

// A sentence with today's time reads otherwise tomorrow.
TEST(SignaturesLoaded, IsWordedAnewTheNextDay) {
  v1::ProtectionProduct product = clamav();
  set_built(*product.mutable_loaded_signatures(), "27491", days(9));
  *product.mutable_disk_signatures()->mutable_written_at() = to_proto(kNow - hours(6));
  const v1::Verdict verdict = judge(control_of("signatures_loaded"), {antivirus({product})});
  EXPECT_EQ(from_proto(verdict.valid_until()), kNow + hours(12));
}

TEST(SignaturesLoaded, CannotTellLocalOnesApart) {
  v1::ProtectionProduct product = clamav();
  product.mutable_disk_signatures()->clear_version();
  EXPECT_EQ(loaded_line(product).substr(0, 14), "clamav | fail ");
  product.mutable_loaded_signatures()->clear_version();
  EXPECT_EQ(loaded_line(product),
            "clamav | unknown | ClamAV: its signatures are local ones: without a version it "
            "cannot be told whether those on disk are loaded");
  product.clear_disk_signatures();
  EXPECT_EQ(loaded_line(product),
            "clamav | not_applicable | ClamAV: it does not tell its signatures on disk from those "
            "that are loaded");
  unread(product, "disk_signatures", "/var/lib/clamav: Permission denied");
  EXPECT_EQ(loaded_line(product),
            "clamav | unknown | ClamAV: what lies on disk could not be read: /var/lib/clamav: "
            "Permission denied");
}

}  // namespace
}  // namespace muster::policy

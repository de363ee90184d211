#include "collector/identity/ca_rotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/admin/ca_verbs.h"
#include "common/files.h"
#include "common/text.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reports.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(CheckActivation, NamesTheHostsThatReportAndDoNotTrustTheNewRoot) {
  const TrustBundle bundle{.pem = "both", .sha256 = "both"};
  struct Case {
    std::vector<HostTrust> hosts;
    std::string says;
  };
  const Case cases[] = {
      {{}, ""},
      {{{"a", true, "both", "x"}}, ""},
      // Silent ones have no say: they may never come back.
      {{{"a", false, "old", "x"}, {"b", false, "", "x"}}, ""},
      {{{"a", true, "old", "x"}}, "not trusted yet by 1 host (a). "},
      {{{"a", true, "", "x"}, {"b", true, "", "x"}}, "not known yet of 2 hosts (a, b). "},
      {{{"a", true, "old", "x"}, {"b", true, "", "x"}},
       "not trusted yet by 1 host (a), not known yet of 1 host (b). "},
  };
  for (const Case& one : cases) {
    const absl::Status status = check_activation(one.hosts, bundle);
    EXPECT_EQ(status.ok(), one.says.empty()) << one.says;
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.says));
  }
}

TEST(CheckRetirement, NamesTheHostsThatReportWithACertificateOfTheOldRoot) {
  const std::vector<std::string> dropped = {"old"};
  struct Case {
    std::vector<HostTrust> hosts;
    bool older;
    bool good;
  };
  const Case cases[] = {
      {{}, true, true},
      {{{"a", true, "", "new"}}, true, true},
      {{{"a", true, "", "old"}}, true, false},
      {{{"a", false, "", "old"}}, true, true},
      // Nobody noted who signed it: only an older root can have.
      {{{"a", true, "", ""}}, true, false},
      {{{"a", true, "", ""}}, false, true},
  };
  for (const Case& one : cases)
    EXPECT_EQ(check_retirement(one.hosts, dropped, one.older).ok(), one.good);
}

class CaRotationTest : public testing::Test {
 protected:
  CaRotationTest() {
    const KeyPair pair = *CertificateAuthority::generate("muster.test", clock_.now());
    EXPECT_TRUE(write_file_atomically(files_.ca_certificate, pair.certificate, 0644).ok());
    EXPECT_TRUE(write_file_atomically(files_.ca_key, pair.key, 0600).ok());
    authorities_ = *Authorities::load(files_, "muster.test");
    rotation_.emplace(clock_, *authorities_, fleet_, [this] {
      ++changes_;
      return changed_;
    });
    HostRecord host;
    host.id = std::string(32, '1');
    host.name = "web1";
    host.enrolled_at = clock_.now();
    host.identity.ca_sha256 = authorities_->signing()->sha256();
    fleet_.add_host(host);
  }

  void report(const std::string& trust_bundle_sha256) {
    v1::SyncRequest request = a_report(clock_.now(), "Debian 12");
    request.set_trust_bundle_sha256(trust_bundle_sha256);
    auto plan = fleet_.plan_sync(std::string(32, '1'), request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    fleet_.apply_sync(*std::move(plan), request);
  }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_{clock_, store_, std::make_shared<policy::Policy>()};
  test::TemporaryDirectory directory_;
  const StateFiles files_{directory_.path()};
  std::unique_ptr<Authorities> authorities_;
  std::optional<CaRotation> rotation_;
  absl::Status changed_;
  int changes_ = 0;
};

TEST_F(CaRotationTest, GoesOnOnlyWhenTheHostsAreReady) {
  report(authorities_->bundle()->sha256);
  EXPECT_EQ(rotation_->status().hosts_trusting(), 1u);
  EXPECT_EQ(rotation_->hosts_trusting(), 1u);

  ASSERT_TRUE(rotation_->prepare().ok());
  EXPECT_EQ(rotation_->status().hosts_trusting(), 0u);
  EXPECT_EQ(rotation_->hosts_trusting(), 0u);
  EXPECT_EQ(rotation_->status().hosts_trusting_others(), 1u);
  EXPECT_THAT(std::string(rotation_->activate({}).status().message()),
              AllOf(HasSubstr("web1"), HasSubstr("--force")));
  EXPECT_EQ(changes_, 1);

  report(authorities_->bundle()->sha256);
  EXPECT_THAT(rotation_->status().next(), HasSubstr("ca activate"));
  const absl::StatusOr<v1::CaStatus> active = rotation_->activate({});
  ASSERT_TRUE(active.ok()) << active.status();
  EXPECT_TRUE(active->roots(1).signs());
  EXPECT_EQ(active->roots(0).hosts(), 1u);
  EXPECT_EQ(changes_, 2);
  // An answer that was lost: again is fine, and does not go back to the first.
  ASSERT_TRUE(rotation_->activate({}).ok());
  EXPECT_TRUE(rotation_->status().roots(1).signs());

  EXPECT_THAT(std::string(rotation_->retire({}).status().message()), HasSubstr("web1"));
  IdentityRecord renewed;
  renewed.ca_sha256 = authorities_->signing()->sha256();
  fleet_.set_identity(std::string(32, '1'), renewed);
  EXPECT_THAT(rotation_->status().next(), HasSubstr("ca retire"));
  ASSERT_TRUE(rotation_->retire({}).ok());
  EXPECT_EQ(rotation_->status().roots_size(), 1);
}

TEST_F(CaRotationTest, AHostThatHasNotReportedSinceTheStartIsNotSaidToHaveIt) {
  ASSERT_TRUE(rotation_->prepare().ok());
  report("");
  const v1::CaStatus status = rotation_->status();
  EXPECT_EQ(status.hosts_not_known(), 1u);
  EXPECT_EQ(status.hosts_trusting(), 0u);
  EXPECT_THAT(std::string(rotation_->activate({}).status().message()),
              HasSubstr("not known yet of 1 host"));
}

TEST_F(CaRotationTest, IsForcedAndTakenBackByWhoSaysSo) {
  report("");
  ASSERT_TRUE(rotation_->prepare().ok());
  v1::CaChangeRequest forced;
  forced.set_force(true);
  ASSERT_TRUE(rotation_->activate(forced).ok());
  // Back to the first, by its fingerprint.
  forced.set_sha256(rotation_->status().roots(0).sha256());
  ASSERT_TRUE(rotation_->activate(forced).ok());
  EXPECT_TRUE(rotation_->status().roots(0).signs());
  forced.set_sha256(std::string(64, '0'));
  EXPECT_EQ(rotation_->activate(forced).status().code(), absl::StatusCode::kNotFound);
  // The newer one has signed nothing that anybody has.
  ASSERT_TRUE(rotation_->retire({}).ok());
  EXPECT_EQ(rotation_->activate({}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(CaRotationTest, AServerCertificateThatCannotBeWrittenIsSaid) {
  changed_ = absl::ResourceExhaustedError("no space");
  EXPECT_THAT(std::string(rotation_->prepare().status().message()),
              AllOf(HasSubstr("tried again"), HasSubstr("no space")));
  EXPECT_EQ(rotation_->status().roots_size(), 2);
}

TEST(CaText, FitsIn80ColumnsAndSaysWhatIsNext) {
  v1::CaStatus status;
  for (const char* name : {"Muster CA muster.internal", "Muster CA muster.internal 2026-11-22"}) {
    v1::CaRoot& root = *status.add_roots();
    root.set_name(name);
    root.set_sha256(std::string(64, 'a'));
    root.set_hosts(3);
  }
  status.mutable_roots(0)->set_signs(true);
  status.set_hosts_trusting(2);
  status.set_hosts_trusting_others(1);
  status.set_hosts_not_known(4);
  status.set_hosts_of_unknown_root(5);
  status.set_next(
      "Wait until the hosts trust the new CA: each is told with its next report. Then "
      "`muster-collector ca activate` has it sign.");
  const std::string text =
      ca_text(status, TimePoint(), {.color = false, .unicode = true, .width = 80});
  EXPECT_THAT(text, HasSubstr("Hosts that trust both: 2, not yet: 1, not known yet: 4\n"));
  EXPECT_THAT(text, HasSubstr("  signs    yes\n"));
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    EXPECT_LE(end - begin, 80u) << text.substr(begin, end - begin);
    begin = end + 1;
  }
  status.mutable_roots(0)->set_name("\x1b[2J");
  EXPECT_THAT(ca_text(status, TimePoint(), {}), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace muster::collector

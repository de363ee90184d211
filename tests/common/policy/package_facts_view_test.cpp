// The views into facts against protobuf's own parser, which is always right.
#include "common/policy/package_facts_view.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/common/policy/facts.h"
#include "tests/common/policy/view_oracle.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

v1::PackageFacts usual_facts() {
  v1::PackageFacts facts = apt_facts();
  facts.set_lists_updated_source("update-success-stamp");
  facts.add_held("linux-image-amd64");
  v1::PendingUpdate& update = add_update(facts, "openssl", v1::SECURITY_YES);
  update.set_source_package("openssl");
  update.set_would_install(false);
  update.set_not_installed_because("held");
  v1::PackageOrigin& origin = *update.add_origins();
  origin.set_origin("Debian");
  origin.set_label("Debian-Security");
  origin.set_security(true);
  v1::Advisory& advisory = *update.add_advisories();
  advisory.set_id("RHSA-2026:1");
  *advisory.mutable_issued_at() = to_proto(kNow);
  update.set_severity(v1::ADVISORY_SEVERITY_IMPORTANT);
  add_update(facts, "vim", v1::SECURITY_NO, "i386");
  facts.set_obsolete(3);
  facts.add_broken("half");
  v1::InstalledKernel& kernel = *facts.add_kernels();
  kernel.set_release("6.1.0-28-amd64");
  kernel.set_build("6.1.119-1");
  v1::AutomaticUpdateState& automatic = *facts.mutable_automatic_updates();
  automatic.set_state(v1::AUTOMATIC_UPDATES_ON);
  *automatic.mutable_last_run_at() = to_proto(kNow);
  *automatic.mutable_last_success_at() = to_proto(kNow);
  facts.add_third_party_repositories()->set_name("docker");
  v1::RepositoryKey& key = *facts.add_repository_keys();
  key.set_state(v1::REPOSITORY_KEY_STATE_EXPIRED);
  *key.mutable_not_after() = to_proto(kNow);
  key.add_keyrings("/usr/share/keyrings/debian-archive-keyring.gpg");
  key.set_site("deb.debian.org");
  key.set_number(3);
  key.set_reason("it was never fetched");
  facts.add_repositories_without_errata("epel");
  facts.add_excluded("kernel");
  return facts;
}

class RandomFacts {
 public:
  explicit RandomFacts(uint32_t seed) : random_(seed) {}

  std::string bytes() {
    v1::PackageFacts facts;
    facts.set_manager(text());
    facts.set_installed(static_cast<uint32_t>(below(1000)));
    facts.set_lists_present(below(2) == 0);
    if (below(2) == 0) facts.mutable_lists_updated_at()->set_seconds(number());
    if (below(2) == 0) facts.mutable_lists_updated_at()->set_nanos(static_cast<int>(number()));
    for (size_t i = below(3); i > 0; --i)
      facts.add_problems(text());
    fill_rest(facts);
    for (size_t i = below(6); i > 0; --i)
      fill(*facts.add_pending_updates());
    return facts.SerializeAsString();
  }

  // As what comes from outside may be: some bytes changed, taken out, put in or said twice.
  std::string damage(std::string bytes) {
    for (size_t i = 1 + below(3); i > 0 && !bytes.empty(); --i) {
      const size_t at = below(bytes.size());
      switch (below(5)) {
        case 0:
          bytes[at] = static_cast<char>(below(256));
          break;
        case 1:
          bytes.erase(at, 1 + below(4));
          break;
        case 2:
          bytes.insert(at, 1, static_cast<char>(below(256)));
          break;
        case 3:
          bytes.resize(at);
          break;
        default:
          bytes += bytes.substr(at, below(200));
      }
    }
    return bytes;
  }

 private:
  void fill(v1::PendingUpdate& update) {
    update.set_package(text());
    update.set_architecture(text());
    update.set_installed_version(text());
    update.set_candidate_version(text());
    update.set_security(static_cast<v1::Security>(below(5) == 0 ? number() : below(3)));
    update.set_would_install(below(2) == 0);
    update.set_not_installed_because(text());
    update.set_source_package(text());
    update.set_severity(static_cast<v1::AdvisorySeverity>(below(5)));
    for (size_t i = below(3); i > 0; --i)
      fill_advisory(*update.add_advisories());
    for (size_t i = below(3); i > 0; --i) {
      update.add_origins()->set_label(text());
      update.mutable_origins(0)->set_security(below(2) == 0);
    }
  }
  void fill_rest(v1::PackageFacts& facts) {
    facts.set_obsolete(static_cast<uint32_t>(number()));
    for (size_t i = below(3); i > 0; --i) {
      facts.add_held(text());
      facts.add_broken(text());
      facts.add_excluded(text());
      facts.add_repositories_without_errata(text());
      facts.add_third_party_repositories()->set_site(text());
      v1::InstalledKernel& kernel = *facts.add_kernels();
      kernel.set_version(text());
      kernel.set_flavour(text());
      v1::RepositoryKey& key = *facts.add_repository_keys();
      key.set_state(static_cast<v1::RepositoryKeyState>(below(6)));
      if (below(2) == 0) key.mutable_not_after()->set_seconds(number());
      key.add_keyrings(text());
      key.set_site(text());
      key.set_number(static_cast<uint32_t>(number()));
      key.set_reason(text());
    }
    if (below(2) == 0) return;
    v1::AutomaticUpdateState& automatic = *facts.mutable_automatic_updates();
    automatic.set_reason(text());
    automatic.set_takes_security(below(2) == 0);
    if (below(2) == 0) automatic.mutable_last_run_at()->set_seconds(number());
    if (below(2) == 0) automatic.mutable_last_success_at()->set_seconds(number());
  }
  void fill_advisory(v1::Advisory& advisory) {
    advisory.set_id(text());
    advisory.add_cves(text());
    if (below(2) == 0) advisory.mutable_issued_at()->set_seconds(number());
  }
  size_t below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }
  int64_t number() { return static_cast<int64_t>(random_()) >> below(64); }
  std::string text() {
    if (below(20) == 0) return "é";
    return std::string(below(10) == 0 ? 130 + below(20) : below(12),
                       static_cast<char>('a' + below(26)));
  }

  std::mt19937_64 random_;
};

TEST(PackageFactsView, SaysWhatTheMessageSays) {
  for (uint32_t seed = 0; seed < 2'000; ++seed)
    EXPECT_EQ(difference_of_view(RandomFacts(seed).bytes()), "") << seed;
}

TEST(PackageFactsView, SaysOfDamagedBytesWhatTheMessageSays) {
  const google::protobuf::LogSilencer quiet;
  for (uint32_t seed = 0; seed < 20'000; ++seed) {
    RandomFacts random(seed);
    EXPECT_EQ(difference_of_view(random.damage(random.bytes())), "") << seed;
  }
}

TEST(PackageFactsView, MakesNoMessageOfWhatAProbeUsuallyWrites) {
  PackageFactsView view;
  const std::string bytes = usual_facts().SerializeAsString();
  ASSERT_TRUE(read_facts(bytes, view));
  EXPECT_EQ(view.parsed, nullptr);
  ASSERT_EQ(view.pending_updates.size(), 2U);
  EXPECT_EQ(view.pending_updates[0].not_installed_because, "held");
  EXPECT_EQ(view.pending_updates[1].architecture, "i386");
}

TEST(PackageFactsView, LeavesToTheMessageWhatIsNotPlain) {
  const google::protobuf::LogSilencer quiet;
  struct Case {
    std::string name;
    std::string behind;
    bool good;
  };
  const std::vector<Case> cases = {
      {"a second time, to be merged", std::string("\x42\x02\x10\x07", 4), true},
      {"text that is not ASCII", "\x5a\x02\xc3\xa9", true},
      {"text that is not UTF-8", "\x5a\x01\xc3", false},
      {"text that no rule reads and is not UTF-8", "\x22\x01\xff", false},
      {"a group", "\xa3\x06\xa4\x06", true},
      {"a group without its end", "\xa3\x06", false},
      {"the end of a group", "\xa4\x06", false},
      {"a number where a message should be", std::string("\x18\x01", 2), true},
      {"a tag of three bytes", "\x80\x80\x01\x01", true},
      {"a number of ten bytes", "\x50\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", true},
      {"a number of eleven bytes", "\x50\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", false},
      {"field 0", std::string("\x02\x00", 2), false},
      {"more than there is", "\x5a\x05xy", false},
      {"a tag alone", "\x5a", false},
      {"a broken origin", "\x1a\x03\x32\x01\x0a", false},
      {"a broken time of an advisory", "\x1a\x05\x52\x03\x2a\x01\x08", false},
      {"a broken kernel", "\x62\x01\x0a", false},
      {"automatic updates a second time, to be merged", std::string("\x6a\x02\x10\x01", 4), true},
      {"a broken repository", "\x72\x01\x0a", false},
      {"a broken time of a key", "\x7a\x03\x2a\x01\x08", false},
  };
  for (const Case& c : cases) {
    const std::string bytes = usual_facts().SerializeAsString() + c.behind;
    PackageFactsView view;
    EXPECT_EQ(read_facts(bytes, view), c.good) << c.name;
    EXPECT_EQ(difference_of_view(bytes), "") << c.name;
  }
}

}  // namespace
}  // namespace muster::policy

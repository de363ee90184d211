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
  add_update(facts, "vim", v1::SECURITY_NO, "i386");
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
    for (size_t i = below(3); i > 0; --i) {
      update.add_origins()->set_label(text());
      update.mutable_origins(0)->set_security(below(2) == 0);
    }
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

// The outbox against a model over random lives.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "agent/looking/section_version.h"
#include "tests/agent/outbox_fixture.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

// A collector that commits what it gets, in memory: of each (entity, probe) the highest sequence of
// the epoch, and what it said. Now and then it refuses a target.
class ModelCollector {
 public:
  struct Committed {
    uint64_t sequence = 0;
    std::string digest;
  };

  v1::SyncResponse take(const v1::SyncRequest& request, const std::set<std::string>& refused) {
    if (request.epoch() != epoch_) {
      EXPECT_GT(request.epoch(), epoch_);
      epoch_ = request.epoch();
      meanings_.clear();
      for (auto& [key, committed] : committed_)
        committed.sequence = 0;
    }
    v1::SyncResponse response;
    response.set_epoch(epoch_);
    for (const v1::SectionVersion& version : request.versions()) {
      const VersionKey key = OutboxIndex::key_of(version);
      std::string& meaning = meanings_[{key, version.sequence()}];
      if (meaning.empty()) meaning = version.digest();
      EXPECT_EQ(meaning, version.digest()) << key.first << "/" << key.second;
      if (refused.contains(version.entity())) {
        v1::RefusedSection& no = *response.add_refused();
        no.set_entity(version.entity());
        no.set_probe(version.probe());
        no.set_sequence(version.sequence());
        continue;
      }
      Committed& last = committed_[key];
      if (version.sequence() >= last.sequence) last = {version.sequence(), version.digest()};
      v1::CommittedSection& committed = *response.add_committed();
      committed.set_entity(version.entity());
      committed.set_probe(version.probe());
      committed.set_sequence(last.sequence);
    }
    return response;
  }
  const Committed& last(const VersionKey& key) { return committed_[key]; }

 private:
  uint64_t epoch_ = 0;
  std::map<VersionKey, Committed> committed_;
  // No sequence of an epoch may have two.
  std::map<std::pair<VersionKey, uint64_t>, std::string> meanings_;
};

class OutboxModel : public OutboxTest, public testing::WithParamInterface<unsigned> {
 protected:
  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

  // One of three probes of the host and three targets.
  v1::Section a_look() {
    const std::string facts = std::to_string(below(4)) + std::string(60, '.');
    const std::string number = std::to_string(below(3));
    return below(2) == 0 ? seen("probe-" + number, facts) : seen_of("target-" + number, facts);
  }

  void look() {
    std::vector<v1::Section> sections;
    for (int count = below(3) == 0 ? 8 : 1; count > 0; --count) {
      sections.push_back(a_look());
      newest_[{sections.back().entity(), sections.back().probe()}] = sections.back();
    }
    const absl::Status recorded = outbox_->record_all(sections);
    ASSERT_TRUE(recorded.ok() || disk_full_) << recorded;
  }

  void forget() {
    const std::string target = "target-" + std::to_string(below(3));
    outbox_->forget(target);
    newest_.erase({target, "tcp"});
  }

  void report(bool answer_arrives, const std::set<std::string>& refused = {}) {
    const v1::SyncResponse response = collector_.take(outbox_->batch(300), refused);
    if (answer_arrives) outbox_->acknowledge(response);
  }

  void start_again() {
    reopen();
    std::set<std::string> targets;
    for (const auto& [key, section] : newest_)
      targets.insert(key.first);
    outbox_->forget_all_but(targets);
  }

  void look_again() {
    std::vector<v1::Section> sections;
    for (const auto& [key, section] : newest_)
      sections.push_back(section);
    const absl::Status recorded = outbox_->record_all(sections);
    ASSERT_TRUE(recorded.ok()) << recorded;
  }

  void live_a_minute() {
    clock_.advance(1min);
    const int what = below(100);
    if (what < 40) {
      look();
    } else if (what < 80) {
      const bool refuses = below(8) == 0;
      report(below(3) > 0, refuses ? std::set<std::string>{"target-1"} : std::set<std::string>());
    } else if (what < 85) {
      forget();
    } else if (what < 92) {
      disk_full_ = !disk_full_;
    } else if (!disk_full_) {
      ASSERT_TRUE(outbox_->flush().ok());
      start_again();
    } else {
      // Killed while the disk is full: what was in memory is lost, and looked at again.
      disk_full_ = false;
      start_again();
      look_again();
    }
  }

  std::mt19937 random_{GetParam()};
  // What each said last.
  std::map<VersionKey, v1::Section> newest_;
  ModelCollector collector_;
};

// At the end the collector holds the newest of each; it never saw a sequence with two meanings, and
// nothing is left of what was forgotten.
TEST_P(OutboxModel, AgreesOverRandomLives) {
  for (int minute = 0; minute < 300 && !HasFatalFailure(); ++minute)
    live_a_minute();
  disk_full_ = false;
  ASSERT_TRUE(outbox_->flush().ok());
  // What was refused is offered again.
  look_again();
  for (int i = 0; i < 200 && outbox_->statistics().waiting > 0; ++i)
    report(true);
  EXPECT_EQ(outbox_->statistics().waiting, 0);
  for (const auto& [key, section] : newest_) {
    EXPECT_EQ(collector_.last(key).digest, version_of(section).digest())
        << key.first << "/" << key.second;
  }
  // The file with the largest number may be of one that is forgotten; and there is the cursor.
  start_again();
  EXPECT_LE(files().size(), newest_.size() + 2);
}

INSTANTIATE_TEST_SUITE_P(Random, OutboxModel, testing::Range(1U, 31U));

}  // namespace
}  // namespace muster::agent

#include "agent/outbox/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "common/files.h"
#include "common/timestamp.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr size_t kMegabyte = 1 << 20;

class FakeClock : public Clock {
 public:
  TimePoint now() const override { return now_; }
  void advance(Duration duration) { now_ += duration; }

 private:
  TimePoint now_ = TimePoint(std::chrono::seconds(1'800'000'000));
};

absl::Status write_without_sync(const std::string& file, std::string_view content, mode_t mode) {
  std::ofstream(file, std::ios::binary) << content;
  return ::chmod(file.c_str(), mode) == 0 ? absl::OkStatus() : errno_status(errno, file);
}

class OutboxTest : public ::testing::Test {
 protected:
  OutboxTest() { reopen(); }

  void reopen() {
    outbox_.reset();
    auto opened = Outbox::open(options_with_disk(), clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    outbox_ = *std::move(opened);
  }

  OutboxOptions options_with_disk() {
    OutboxOptions options = options_;
    options.directory = path();
    options.write = [this](std::span<const FileToWrite> files, mode_t mode) {
      std::vector<absl::Status> written;
      for (const FileToWrite& file : files) {
        // Without the syncs of write_files_atomically, which a test that never loses power has no
        // use for.
        written.push_back(disk_full_ ? absl::ResourceExhaustedError("No space left on device")
                                     : write_without_sync(file.path, file.content, mode));
      }
      return written;
    };
    return options;
  }

  std::string path() const { return directory_.path() + "/outbox"; }

  v1::Section seen(const std::string& probe, const std::string& facts) {
    v1::Section section;
    section.set_probe(probe);
    section.set_outcome(v1::OUTCOME_OBSERVED);
    section.set_facts_type("muster.v1.HostFacts");
    section.set_facts(facts);
    *section.mutable_observed_at() = to_proto(clock_.now());
    return section;
  }

  void record(const std::string& probe, const std::string& facts) {
    const absl::Status recorded = outbox_->record(seen(probe, facts));
    ASSERT_TRUE(recorded.ok()) << recorded;
  }

  // "host 1 facts" for a version with facts, "host 1 -" for a heartbeat.
  static std::vector<std::string> texts(const v1::SyncRequest& request) {
    std::vector<std::string> result;
    for (const v1::SectionVersion& version : request.versions()) {
      result.push_back(version.probe() + " " + std::to_string(version.sequence()) + " " +
                       (version.has_facts() ? version.facts() : "-"));
    }
    return result;
  }
  std::vector<std::string> waiting() { return texts(outbox_->batch(kMegabyte)); }

  // As the collector does: everything with facts is committed.
  static v1::SyncResponse commit(const v1::SyncRequest& request) {
    v1::SyncResponse response;
    response.set_epoch(request.epoch());
    for (const v1::SectionVersion& version : request.versions()) {
      v1::CommittedSection& committed = *response.add_committed();
      committed.set_probe(version.probe());
      committed.set_sequence(version.sequence());
    }
    return response;
  }
  bool sync() { return outbox_->acknowledge(commit(outbox_->batch(kMegabyte))); }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path()))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  test::TemporaryDirectory directory_;
  FakeClock clock_;
  OutboxOptions options_;
  bool disk_full_ = false;
  std::unique_ptr<Outbox> outbox_;
};

TEST_F(OutboxTest, SendsChangesInTheirOrderAndThenHeartbeats) {
  record("host", "a");
  record("certificates", "x");
  record("host", "b");
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "certificates 1 x", "host 2 b"));
  EXPECT_TRUE(sync());
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 -", "host 2 -"));
  EXPECT_FALSE(sync());
}

TEST_F(OutboxTest, ALookThatSaysTheSameMovesTimeAndMeasurementsOnly) {
  record("host", "a");
  sync();
  clock_.advance(1h);
  v1::Section again = seen("host", "a");
  again.add_measurements()->set_name("offset_seconds");
  ASSERT_TRUE(outbox_->record(again).ok());
  const v1::SyncRequest request = outbox_->batch(kMegabyte);
  EXPECT_THAT(texts(request), ElementsAre("host 1 -"));
  EXPECT_EQ(from_proto(request.versions(0).observed_at()), clock_.now());
  EXPECT_EQ(from_proto(request.versions(0).changed_at()), clock_.now() - 1h);
  EXPECT_EQ(request.versions(0).measurements_size(), 1);
}

TEST_F(OutboxTest, OutcomeAndReasonMakeAVersionToo) {
  record("host", "a");
  v1::Section failed;
  failed.set_probe("host");
  failed.set_outcome(v1::OUTCOME_FAILED);
  failed.set_reason("killed");
  *failed.mutable_observed_at() = to_proto(clock_.now());
  ASSERT_TRUE(outbox_->record(failed).ok());
  ASSERT_TRUE(outbox_->record(failed).ok());
  failed.set_reason("not installed");
  ASSERT_TRUE(outbox_->record(failed).ok());
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "host 2 -", "host 3 -"));
}

TEST_F(OutboxTest, ConfirmsWhatWasObservedAndNothingElse) {
  EXPECT_FALSE(outbox_->confirm("host", clock_.now())) << "there is none";
  record("host", "a");
  clock_.advance(1h);
  EXPECT_TRUE(outbox_->confirm("host", clock_.now()));
  EXPECT_EQ(from_proto(outbox_->batch(kMegabyte).versions(0).observed_at()), clock_.now());
  v1::Section failed = seen("host", "");
  failed.set_outcome(v1::OUTCOME_FAILED);
  failed.set_reason("broken");
  ASSERT_TRUE(outbox_->record(failed).ok());
  EXPECT_FALSE(outbox_->confirm("host", clock_.now()));
}

TEST_F(OutboxTest, KeepsEverythingOverARestart) {
  record("host", "a");
  record("host", "b");
  const uint64_t epoch = outbox_->epoch();
  reopen();
  EXPECT_EQ(outbox_->epoch(), epoch);
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "host 2 b"));
}

TEST_F(OutboxTest, WritesItsFilesForItsOwnerOnly) {
  auto opened = Outbox::open({.directory = directory_.path() + "/other", .write = {}}, clock_);
  ASSERT_TRUE(opened.ok());
  ASSERT_TRUE((*opened)->record(seen("host", "a")).ok());
  for (const auto& entry : fs::directory_iterator(directory_.path() + "/other")) {
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
  }
}

TEST_F(OutboxTest, SendsNothingKnownAgainAfterARestart) {
  record("host", "a");
  sync();
  reopen();
  EXPECT_THAT(waiting(), IsEmpty()) << "no heartbeat of what no look has confirmed";
  record("host", "a");
  EXPECT_THAT(waiting(), ElementsAre("host 1 -"));
  record("host", "b");
  EXPECT_THAT(waiting(), ElementsAre("host 2 b"));
}

TEST_F(OutboxTest, KeepsOneFilePerProbeOnceAllIsAcknowledged) {
  for (const char* facts : {"a", "b", "c"})
    record("host", facts);
  sync();
  EXPECT_THAT(files(), ElementsAre("00000000000000000003-host.version", "cursor"));
}

TEST_F(OutboxTest, ABatchHoldsItsLimitOrOneVersion) {
  record("host", std::string(600, 'a'));
  record("host", std::string(600, 'b'));
  record("host", std::string(2000, 'c'));
  v1::SyncRequest request = outbox_->batch(1500);
  EXPECT_EQ(request.versions_size(), 2);
  EXPECT_TRUE(request.more());
  EXPECT_TRUE(outbox_->acknowledge(commit(request)));
  request = outbox_->batch(1500);
  EXPECT_EQ(request.versions_size(), 1) << "larger than the limit, so alone";
  EXPECT_FALSE(request.more());
}

TEST_F(OutboxTest, SendsWhatTheCollectorWants) {
  record("host", "a");
  sync();
  v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
  response.add_wanted()->set_probe("host");
  response.add_wanted()->set_probe("never-heard-of");
  EXPECT_FALSE(outbox_->acknowledge(response));
  EXPECT_THAT(waiting(), ElementsAre("host 1 a"));
  EXPECT_TRUE(sync());
  EXPECT_THAT(waiting(), ElementsAre("host 1 -"));
}

TEST_F(OutboxTest, BeginsAnEpochAboveTheCollectors) {
  record("host", "a");
  record("host", "b");
  sync();
  record("certificates", "x");
  v1::SyncResponse response;
  response.set_epoch(outbox_->epoch() + 1'000'000'000);
  EXPECT_FALSE(outbox_->acknowledge(response));
  EXPECT_EQ(outbox_->epoch(), response.epoch() + 1);
  EXPECT_THAT(waiting(), ElementsAre("host 1 b", "certificates 1 x"));
  reopen();
  EXPECT_EQ(outbox_->epoch(), response.epoch() + 1);
  EXPECT_THAT(waiting(), ElementsAre("host 1 b", "certificates 1 x"));
}

TEST_F(OutboxTest, AnEpochThatLeavesNoneAboveItIsNotBelieved) {
  record("host", "a");
  const uint64_t epoch = outbox_->epoch();
  for (const uint64_t lie :
       {~uint64_t{0}, ~uint64_t{0} - 1, uint64_t{1} << 63, uint64_t{1} << 62}) {
    v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
    response.set_epoch(lie);
    EXPECT_FALSE(outbox_->acknowledge(response));
    EXPECT_EQ(outbox_->epoch(), epoch) << lie;
    EXPECT_THAT(waiting(), ElementsAre("host 1 a"));
  }
}

TEST_F(OutboxTest, AnAnswerThatLiesLosesNothing) {
  record("host", "a");
  record("certificates", "x");
  const auto lies = std::to_array<std::pair<const char*, std::function<void(v1::SyncResponse&)>>>({
      {"nothing", [](auto& response) { response.Clear(); }},
      {"nothing committed", [](auto& response) { response.clear_committed(); }},
      {"sequence 0",
       [](auto& response) {
         for (auto& committed : *response.mutable_committed())
           committed.set_sequence(0);
       }},
      {"sequences never sent",
       [](auto& response) {
         for (auto& committed : *response.mutable_committed())
           committed.set_sequence(~uint64_t{0});
       }},
      {"another host's sections",
       [](auto& response) {
         for (auto& committed : *response.mutable_committed())
           committed.set_entity("fedcba9876543210fedcba9876543210");
       }},
      {"probes that are not there",
       [](auto& response) {
         for (auto& committed : *response.mutable_committed())
           committed.set_probe("never-heard-of");
       }},
      {"100,000 wanted",
       [](auto& response) {
         response.clear_committed();
         for (int i = 0; i < 100'000; ++i)
           response.add_wanted()->set_probe("never-heard-of");
       }},
  });
  for (const auto& [what, lie] : lies) {
    v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
    lie(response);
    EXPECT_FALSE(outbox_->acknowledge(response)) << what;
    EXPECT_THAT(waiting(), ElementsAre("host 1 a", "certificates 1 x")) << what;
  }
  EXPECT_TRUE(sync());
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 -", "host 1 -"));
}

TEST_F(OutboxTest, TakesNoAcknowledgementOfAnEarlierEpoch) {
  record("host", "a");
  v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
  response.set_epoch(response.epoch() - 1);
  EXPECT_FALSE(outbox_->acknowledge(response));
  EXPECT_THAT(waiting(), ElementsAre("host 1 a"));
}

TEST_F(OutboxTest, NoticesThatItWasRestoredFromABackup) {
  record("host", "a");
  sync();
  fs::copy(path(), directory_.path() + "/backup");
  record("host", "b");
  record("host", "c");
  sync();
  const uint64_t epoch = outbox_->epoch();
  outbox_.reset();
  fs::remove_all(path());
  fs::rename(directory_.path() + "/backup", path());
  reopen();
  record("host", "d");
  v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
  response.mutable_committed(0)->set_sequence(3);
  EXPECT_FALSE(outbox_->acknowledge(response));
  EXPECT_GT(outbox_->epoch(), epoch);
  EXPECT_THAT(waiting(), ElementsAre("host 1 d"));
}

TEST_F(OutboxTest, DropsTheOldestPastItsBytesButNeverTheNewestOfAProbe) {
  options_.bytes_limit = 2500;
  reopen();
  record("certificates", std::string(600, 'x'));
  for (const char letter : {'a', 'b', 'c', 'd'})
    record("host", std::string(600, letter));
  std::vector<std::string> kept = waiting();
  for (std::string& text : kept)
    text.resize(text.find(' ') + 4);
  EXPECT_THAT(kept, ElementsAre("certificates 1 x", "host 3 c", "host 4 d"));
  EXPECT_EQ(outbox_->statistics().dropped, 2);
  EXPECT_LE(outbox_->statistics().bytes, 2500);
}

TEST_F(OutboxTest, DropsWhatIsTooOldButNeverTheNewestOfAProbe) {
  record("host", "a");
  record("certificates", "x");
  record("host", "b");
  clock_.advance(7 * 24h + 1s);
  record("packages-apt", "p");
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 x", "host 2 b", "packages-apt 1 p"));
  EXPECT_EQ(outbox_->statistics().dropped, 1);
}

TEST_F(OutboxTest, RefusedVersionsDoNotBlockTheOthers) {
  record("host", "a");
  record("host", "b");
  record("certificates", "x");
  const v1::SyncRequest request = outbox_->batch(kMegabyte);
  outbox_->refuse(request.versions(0));
  outbox_->refuse(request.versions(1));
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 x"));
  EXPECT_EQ(outbox_->statistics().dropped, 2);
  record("host", "c");
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 x", "host 3 c"));
}

TEST_F(OutboxTest, AFullDiskHoldsTheNewestInMemoryAndTriesAgain) {
  record("host", "a");
  sync();
  disk_full_ = true;
  EXPECT_THAT(outbox_->record(seen("host", "b")).message(), HasSubstr("No space left"));
  EXPECT_FALSE(outbox_->record(seen("host", "c")).ok());
  EXPECT_EQ(outbox_->statistics().dropped, 1);
  EXPECT_FALSE(outbox_->flush().ok());
  EXPECT_THAT(waiting(), ElementsAre("host 3 c"));
  disk_full_ = false;
  EXPECT_TRUE(outbox_->flush().ok());
  const uint64_t epoch = outbox_->epoch();
  reopen();
  EXPECT_EQ(outbox_->epoch(), epoch);
  EXPECT_THAT(waiting(), ElementsAre("host 3 c"));
}

TEST_F(OutboxTest, ASequenceIsNeverUsedTwiceEvenIfTheDiskWasFull) {
  record("host", "a");
  sync();
  disk_full_ = true;
  EXPECT_FALSE(outbox_->record(seen("host", "b")).ok());
  const uint64_t epoch = outbox_->epoch();
  EXPECT_TRUE(sync()) << "the collector has `host 2` now, the disk has not";
  reopen();
  disk_full_ = false;
  ASSERT_TRUE(outbox_->flush().ok());
  EXPECT_GT(outbox_->epoch(), epoch);
  record("host", "other");
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "host 2 other"));
}

TEST_F(OutboxTest, RemovesWhatACrashLeft) {
  record("host", "a");
  for (const char* name : {"cursor.Xy129z", "00000000000000000002-host.version.aB3dE6"}) {
    std::ofstream(path() + "/" + name) << "half";
  }
  std::ofstream(path() + "/README.operator") << "not ours";
  reopen();
  EXPECT_THAT(files(),
              ElementsAre("00000000000000000001-host.version", "README.operator", "cursor"));
  EXPECT_EQ(outbox_->statistics().damaged, 0);
}

TEST_F(OutboxTest, KeepsAtMostSixteenDamagedFiles) {
  for (int i = 0; i < 20; ++i)
    record("host", std::to_string(i));
  for (const std::string& name : files()) {
    if (name != "cursor") std::ofstream(path() + "/" + name) << "damaged";
  }
  reopen();
  EXPECT_EQ(outbox_->statistics().damaged, 20);
  EXPECT_EQ(files().size(), kDamagedLimit + 1);
  EXPECT_THAT(waiting(), IsEmpty());
  record("host", "again");
  EXPECT_THAT(waiting(), ElementsAre("host 1 again"));
}

TEST_F(OutboxTest, AFileThatIsDamagedLaterIsSetAsideWhenItIsSent) {
  record("host", "a");
  record("host", "b");
  record("certificates", "x");
  const uint64_t epoch = outbox_->epoch();
  std::ofstream(path() + "/00000000000000000002-host.version") << "damaged";
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "certificates 1 x"));
  EXPECT_GT(outbox_->epoch(), epoch);
  EXPECT_EQ(outbox_->statistics().damaged, 1);
}

// Every byte of both kinds of file, changed and cut: the outbox opens, loses at most that file, and
// begins a new epoch so that no sequence can mean two things.
TEST_F(OutboxTest, SurvivesDamageAtEveryByte) {
  record("host", "a");
  record("certificates", "x");
  sync();
  record("host", "b");
  outbox_.reset();
  const std::string sound = directory_.path() + "/sound";
  fs::copy(path(), sound);
  const uint64_t epoch = [&] {
    reopen();
    return outbox_->epoch();
  }();
  for (const char* name : {"cursor", "00000000000000000003-host.version"}) {
    const auto size = static_cast<size_t>(fs::file_size(sound + "/" + std::string(name)));
    for (size_t at = 0; at < size; ++at) {
      for (const bool cut : {false, true}) {
        outbox_.reset();
        fs::remove_all(path());
        fs::copy(sound, path());
        const std::string file = path() + "/" + std::string(name);
        if (cut) {
          fs::resize_file(file, at);
        } else {
          std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
          stream.seekg(static_cast<std::streamoff>(at));
          const auto byte = static_cast<char>(stream.get() ^ 0x40);
          stream.seekp(static_cast<std::streamoff>(at));
          stream.put(byte);
        }
        reopen();
        ASSERT_EQ(outbox_->statistics().damaged, 1) << name << " at " << at;
        ASSERT_GT(outbox_->epoch(), epoch);
        const std::vector<std::string> expected =
            std::string(name) == "cursor" ? std::vector<std::string>{"certificates 1 x", "host 1 b"}
                                          : std::vector<std::string>{"certificates 1 x"};
        ASSERT_EQ(waiting(), expected) << name << " at " << at;
      }
    }
  }
}

// A model of what must hold: a collector that commits what it gets, in memory, and random changes,
// reports (some answers are lost), restarts, full disks. At the end it holds the newest of each
// probe, it never saw a sequence with two meanings, and never an older version after a newer one.
TEST_F(OutboxTest, AgreesWithAModelOverRandomLives) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](int limit) {
      return std::uniform_int_distribution<int>(0, limit - 1)(random);
    };
    outbox_.reset();
    fs::remove_all(path());
    disk_full_ = false;
    reopen();
    std::map<std::string, std::string> newest;
    uint64_t epoch = 0;
    std::map<std::pair<std::string, uint64_t>, std::string> meanings;
    std::map<std::string, uint64_t> held;
    const auto report = [&](bool answer_arrives) {
      const v1::SyncRequest request = outbox_->batch(300);
      if (request.epoch() != epoch) {
        ASSERT_GT(request.epoch(), epoch);
        epoch = request.epoch();
        meanings.clear();
        held.clear();
      }
      for (const v1::SectionVersion& version : request.versions()) {
        std::string& meaning = meanings[{version.probe(), version.sequence()}];
        if (meaning.empty()) meaning = version.digest();
        ASSERT_EQ(meaning, version.digest());
        held[version.probe()] = std::max(held[version.probe()], version.sequence());
      }
      v1::SyncResponse response;
      response.set_epoch(epoch);
      for (const v1::SectionVersion& version : request.versions()) {
        v1::CommittedSection& committed = *response.add_committed();
        committed.set_probe(version.probe());
        committed.set_sequence(held[version.probe()]);
      }
      if (answer_arrives) outbox_->acknowledge(response);
    };
    for (int step = 0; step < 300; ++step) {
      clock_.advance(1min);
      const int what = below(100);
      if (what < 45) {
        const std::string probe = "probe-" + std::to_string(below(3));
        const std::string facts = std::to_string(below(4)) + std::string(60, '.');
        const absl::Status recorded = outbox_->record(seen(probe, facts));
        ASSERT_EQ(recorded.ok() || disk_full_, true) << recorded;
        newest[probe] = facts;
      } else if (what < 85) {
        report(below(3) > 0);
      } else if (what < 92) {
        disk_full_ = !disk_full_;
      } else if (!disk_full_) {
        ASSERT_TRUE(outbox_->flush().ok());
        reopen();
      } else {
        // Killed while the disk is full: what was in memory is lost, and looked at again.
        disk_full_ = false;
        reopen();
        for (const auto& [probe, facts] : newest)
          record(probe, facts);
      }
    }
    disk_full_ = false;
    ASSERT_TRUE(outbox_->flush().ok());
    for (int i = 0; i < 200 && outbox_->statistics().waiting > 0; ++i)
      report(true);
    EXPECT_EQ(outbox_->statistics().waiting, 0);
    for (const auto& [probe, facts] : newest) {
      v1::SyncResponse response;
      response.set_epoch(outbox_->epoch());
      response.add_wanted()->set_probe(probe);
      outbox_->acknowledge(response);
      const v1::SectionVersion version = outbox_->batch(kMegabyte).versions(0);
      EXPECT_EQ(version.facts(), facts);
      EXPECT_EQ(version.sequence(), held[probe]);
      sync();
    }
  }
}

}  // namespace
}  // namespace muster::agent

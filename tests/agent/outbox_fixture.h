// An outbox on a disk that can be full, a clock that is moved, and a collector that commits what it
// is given.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/outbox/outbox.h"
#include "common/files.h"
#include "common/timestamp.h"
#include "tests/common/fake_clock.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {

inline constexpr size_t kMegabyte = 1 << 20;

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
      ++writes_;
      std::vector<absl::Status> written;
      for (const FileToWrite& file : files)
        written.push_back(write(file, mode));
      return written;
    };
    return options;
  }

  std::string path() const { return directory_.path() + "/outbox"; }

  v1::Section seen(const std::string& probe, const std::string& facts) const {
    v1::Section section;
    section.set_probe(probe);
    section.set_outcome(v1::OUTCOME_OBSERVED);
    section.set_facts_type("muster.v1.HostFacts");
    section.set_facts(facts);
    *section.mutable_observed_at() = to_proto(clock_.now());
    return section;
  }
  v1::Section seen_of(const std::string& target, const std::string& facts) const {
    v1::Section section = seen("tcp", facts);
    section.set_entity(target);
    return section;
  }

  void record(const v1::Section& section) {
    const absl::Status recorded = outbox_->record(section);
    ASSERT_TRUE(recorded.ok()) << recorded;
  }
  void record(const std::string& probe, const std::string& facts) { record(seen(probe, facts)); }

  // "host 1 facts" for a version with facts, "host 1 -" for a heartbeat; "shop/tcp 1 facts" for one
  // of a target.
  static std::vector<std::string> texts(const v1::SyncRequest& request) {
    std::vector<std::string> result;
    for (const v1::SectionVersion& version : request.versions()) {
      const std::string entity = version.entity().empty() ? "" : version.entity() + "/";
      result.push_back(entity + version.probe() + " " + std::to_string(version.sequence()) + " " +
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
      committed.set_entity(version.entity());
      committed.set_probe(version.probe());
      committed.set_sequence(version.sequence());
    }
    return response;
  }
  bool sync() { return outbox_->acknowledge(commit(outbox_->batch(kMegabyte))); }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path()))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  test::TemporaryDirectory directory_{test::kInMemory};
  test::FakeClock clock_;
  OutboxOptions options_;
  bool disk_full_ = false;
  // How often the disk was asked to take files.
  int writes_ = 0;
  std::unique_ptr<Outbox> outbox_;

 private:
  // Without the syncs of write_files_atomically, which a test that never loses power has no use
  // for.
  absl::Status write(const FileToWrite& file, mode_t mode) const {
    if (disk_full_) return absl::ResourceExhaustedError("No space left on device");
    std::ofstream(file.path, std::ios::binary) << file.content;
    return ::chmod(file.path.c_str(), mode) == 0 ? absl::OkStatus()
                                                 : errno_status(errno, file.path);
  }
};

}  // namespace muster::agent

// A store in a file, and a host with what it reports.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/store/store_sqlite.h"
#include "tests/collector/store_story.h"

namespace muster::collector {

inline std::unique_ptr<StoreSqlite> open_store(const std::string& path) {
  absl::StatusOr<std::unique_ptr<StoreSqlite>> store = StoreSqlite::open({.path = path});
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

inline HostRecord a_host(const std::string& id = story::kWeb1, const std::string& name = "web1") {
  return {.id = id,
          .name = name,
          .labels = {{"role", "web"}, {"site", "berlin"}},
          .machine_id_hash = "cafe",
          .enrolled_at = story::kNow,
          .last_sync_at = std::nullopt};
}

inline absl::Status add_host(Store& store, const HostRecord& host) {
  return story::wait_for([&](Store::Done done) { store.add_host(host, std::move(done)); });
}

inline SectionRecord a_section(const std::string& probe, uint64_t sequence,
                               const std::string& facts) {
  SectionRecord record;
  record.state.probe = probe;
  record.state.outcome = v1::OUTCOME_OBSERVED;
  record.state.looked_at = story::kNow;
  record.state.observed_at = story::kNow;
  record.state.facts_type = "muster.v1.HostFacts";
  record.state.facts = facts;
  record.state.digest = std::string(32, 'd');
  v1::Measurement measurement;
  measurement.set_name("duration_seconds");
  measurement.set_value(0.25);
  record.state.measurements = {measurement};
  record.sequence = sequence;
  return record;
}

inline SyncWrite a_write(uint64_t epoch, std::vector<SectionRecord> sections) {
  return {.host_id = story::kWeb1,
          .epoch = epoch,
          .synced_at = story::kNow,
          .clock_offset_seconds = -0.5,
          .sections = std::move(sections)};
}

inline absl::Status commit(Store& store, const SyncWrite& write) {
  return story::wait_for([&](Store::Done done) { store.commit_sync(write, std::move(done)); });
}

}  // namespace muster::collector

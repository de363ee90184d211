// Sections and the memory of verdicts as rows, those of hosts and those of targets alike: two
// tables each, with the same columns. The store's thread only.
#pragma once

#include <absl/status/status.h>

#include <functional>
#include <string>

#include "collector/store/sqlite.h"
#include "collector/store/store.h"

namespace muster::collector {

// The statements of the tables of one sort of owner.
struct OwnedRows {
  // False: what they belong to is the entity, whatever it is called now.
  bool has_entities;
  const char* write_section;
  const char* write_section_times;
  const char* reset_sequences;
  const char* read_sections;
  const char* forget_memory;
  const char* write_memory;
  const char* read_memory;
};
extern const OwnedRows host_rows;
extern const OwnedRows target_rows;

// One whose row has a higher sequence stays as it is.
absl::Status write_section(Database& database, const OwnedRows& rows, const std::string& owner,
                           const SectionRecord& section);
// Only times and measurements, and only of those that are still at these sequences.
absl::Status write_section_times(Database& database, const OwnedRows& rows,
                                 const std::string& owner,
                                 const std::vector<SectionRecord>& sections);
// What is there is older than anything that follows.
absl::Status reset_sequences(Database& database, const OwnedRows& rows, const std::string& owner);

absl::Status replace_memory(Database& database, const OwnedRows& rows, const std::string& owner,
                            const policy::FirstSeen& memory);

absl::Status read_sections(Database& database, const OwnedRows& rows,
                           const std::function<void(const std::string&, SectionRecord)>& add);
absl::Status read_memories(
    Database& database, const OwnedRows& rows,
    const std::function<void(const std::string&, policy::SubjectKey, TimePoint)>& add);

}  // namespace muster::collector

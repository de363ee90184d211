// The versions that the outbox holds, in memory and on disk as one: what is saved, what of it is
// noted as acknowledged, and under which epoch. It knows how a version stays, not which ones
// should.
//
// One thread owns it; calls block for as long as the disk does.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/outbox/outbox_directory.h"
#include "agent/outbox/outbox_index.h"
#include "common/clock.h"
#include "muster/v1/reporting.pb.h"

namespace muster::agent {

class VersionStore {
 public:
  using Iterator = OutboxIndex::Iterator;

  // `clock` outlives it.
  VersionStore(std::string directory, FileWriter write, const Clock& clock);
  // Notes what is acknowledged, where that waited for more.
  ~VersionStore();
  VersionStore(const VersionStore&) = delete;
  VersionStore& operator=(const VersionStore&) = delete;

  // An error is one of the directory.
  absl::Status load();

  OutboxIndex& index() { return index_; }
  const OutboxIndex& index() const { return index_; }
  uint64_t epoch() const { return epoch_; }
  uint64_t damaged() const { return directory_.damaged(); }

  // The newest of its key from here on, with the next sequence; not saved yet.
  Iterator add(v1::SectionVersion version);
  // Those that are saved then say so. The error is the first; it leaves the rest as it is.
  absl::Status save(const std::vector<Iterator>& versions);
  // Saves what is not, removes what is not needed any more, writes the cursor when that is due.
  absl::Status flush();
  // A file is behind what is sent: whoever opens this next must begin a new epoch.
  void withdraw_cursor();
  // Everything is numbered and saved anew.
  void begin_epoch(uint64_t at_least);

  // False: its sequence could be used twice if the agent were killed after it was sent.
  bool may_send(const HeldVersion& held) const;
  // An error: it was damaged, or is gone.
  absl::Status load_facts(Iterator held, v1::SectionVersion& version);
  // Of the key whose newest this is. Whether anything that waited is acknowledged by it.
  bool acknowledge_up_to(Iterator newest, uint64_t sequence);
  // With its file.
  void remove(Iterator held);
  // Those of the key that do not wait. The file with the largest number stays unless `even_last`:
  // the next number is made of it at a start, and no number may be used twice in an epoch. Whether
  // none is left.
  bool remove_settled(const VersionKey& key, bool even_last);

 private:
  struct Unwritten {
    std::vector<Iterator> held;
    std::vector<SealedVersion> sealed;
    size_t bytes = 0;
  };
  void take_cursor(const v1::SyncResponse& cursor);
  bool cursor_is_due() const;
  absl::Status save_cursor();
  absl::Status save_together(Unwritten& unwritten);
  uint64_t last_number_on_disk() const;

  const Clock& clock_;
  OutboxDirectory directory_;
  OutboxIndex index_;
  uint64_t epoch_ = 0;
  uint64_t next_number_ = 1;
  bool cursor_on_disk_ = false;
  // Whether it says of the host what is acknowledged, and of how many targets it does not.
  bool cursor_current_ = false;
  size_t targets_not_noted_ = 0;
};

}  // namespace muster::agent

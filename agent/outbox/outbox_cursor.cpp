#include "agent/outbox/outbox_cursor.h"

#include <map>

namespace muster::agent {

v1::SyncResponse cursor_of(uint64_t epoch, const OutboxIndex& index) {
  v1::SyncResponse cursor;
  cursor.set_epoch(epoch);
  for (const auto& [key, state] : index.keys()) {
    const HeldVersion& held = index.newest_of(state);
    if (!held.acknowledged) continue;
    v1::CommittedSection& committed = *cursor.add_committed();
    committed.set_entity(key.first);
    committed.set_probe(key.second);
    committed.set_sequence(held.version.sequence());
  }
  return cursor;
}

bool cursor_fits(const OutboxDirectory::Content& content) {
  if (!content.has_cursor) return false;
  std::map<VersionKey, uint64_t> last;
  for (const auto& [number, found] : content.versions) {
    const v1::SectionVersion& version = found.stored.version;
    uint64_t& sequence = last[OutboxIndex::key_of(version)];
    if (found.stored.epoch != content.cursor.epoch() || version.sequence() <= sequence) {
      return false;
    }
    sequence = version.sequence();
  }
  for (const v1::CommittedSection& committed : content.cursor.committed()) {
    if (!committed.entity().empty()) continue;
    const auto known = last.find({committed.entity(), committed.probe()});
    if (known == last.end() || committed.sequence() > known->second) return false;
  }
  return true;
}

}  // namespace muster::agent

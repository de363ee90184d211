// The outbox's cursor: which epoch the sequences on disk belong to, and what of it is acknowledged.
// Kept as the answer of the collector that it stands for. Pure; any thread.
#pragma once

#include <cstdint>

#include "agent/outbox/outbox_directory.h"
#include "agent/outbox/outbox_index.h"
#include "muster/v1/reporting.pb.h"

namespace muster::agent {

v1::SyncResponse cursor_of(uint64_t epoch, const OutboxIndex& index);

// Whether there is one that fits the versions beside it: all of its epoch, sequences that rise, and
// nothing of the host acknowledged that is not there. Where it does not, a restore or a crash came
// between. A target that is not there was forgotten.
bool cursor_fits(const OutboxDirectory::Content& content);

}  // namespace muster::agent

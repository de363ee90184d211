// Every failpoint there is, by the operation that it stands before; docs/adr says how they work.
// A test fails when this list and the code differ.
#pragma once

#include <array>
#include <string_view>

namespace muster::failpoint {

inline constexpr std::array<std::string_view, 58> kNames = {
    // common/files.cpp; the subject is the path.
    "file.create",
    "file.write",
    "file.mode",
    "file.sync",
    "file.rename",
    "file.remove",
    "directory.make",
    "directory.sync",
    // agent/outbox_directory.cpp
    "outbox.remove",
    "outbox.remove_cursor",
    "outbox.remove_temporary",
    "outbox.remove_damaged",
    "outbox.set_aside",
    // agent/status_file.cpp
    "status.create",
    "status.write",
    "status.mode",
    "status.rename",
    // agent/run.cpp and collector/store_file.cpp: the files that are only locked.
    "lock.create",
    // agent/enrol.cpp
    "enrol.owner",
    // agent/renewal.cpp: moments, but for the removal of the key that has become the identity's.
    "renewal.key_written",
    "renewal.answered",
    "renewal.bundle_written",
    "renewal.certificate_written",
    "renewal.remove_pending",
    // collector/sqlite.cpp
    "store.create",
    // collector/sqlite_faults.cpp: what SQLite asks of the kernel. The subject is what the store is
    // at ("commit", "checkpoint", "open", "close", "work") and the path.
    "store.database.write",
    "store.database.sync",
    "store.database.truncate",
    "store.wal.write",
    "store.wal.sync",
    "store.wal.truncate",
    "store.wal.delete",
    "store.journal.write",
    "store.journal.sync",
    "store.journal.delete",
    "store.file.open",
    // collector/store_sqlite.cpp, on the store's thread.
    "store.begin",
    "store.operation",
    "store.commit",
    "store.committed",
    "store.rollback",
    "store.checkpoint",
    "store.times",
    "store.snapshot",
    // collector/enrolment.cpp: moments, which can only be killed or kept waiting.
    "enrolment.token_taken",
    "enrolment.host_added",
    "enrolment.certificate_issued",
    // collector/revocations.cpp
    "revocations.open",
    "revocations.write",
    "revocations.sync",
    "revocations.truncate",
    // collector/renewal.cpp: moments.
    "renewal.identity_committed",
    "renewal.certificate_issued",
    // collector/restore.cpp
    "restore.owner",
    "restore.move",
    "restore.aside",
    // collector/housekeeping.cpp: a moment.
    "housekeeping.round",
    // agent/outbox.cpp: a moment, before what the collector has committed is noted.
    "outbox.acknowledged",
};

}  // namespace muster::failpoint

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
    // agent/outbox/outbox_directory.cpp
    "outbox.remove",
    "outbox.remove_cursor",
    "outbox.remove_temporary",
    "outbox.remove_damaged",
    "outbox.set_aside",
    // agent/output/status_file.cpp
    "status.create",
    "status.write",
    "status.mode",
    "status.rename",
    // agent/run.cpp and collector/store/store_file.cpp: the files that are only locked.
    "lock.create",
    // agent/identity/enrol.cpp
    "enrol.owner",
    // agent/identity/renewal.cpp: moments, but for the removal of the key that has become the
    // identity's.
    "renewal.key_written",
    "renewal.answered",
    "renewal.bundle_written",
    "renewal.certificate_written",
    "renewal.remove_pending",
    // collector/store/sqlite.cpp
    "store.create",
    // collector/store/sqlite_faults.cpp: what SQLite asks of the kernel. The subject is what the
    // store is
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
    // collector/store/store_sqlite.cpp, on the store's thread.
    "store.begin",
    "store.operation",
    "store.commit",
    "store.committed",
    "store.rollback",
    "store.checkpoint",
    "store.times",
    "store.snapshot",
    // collector/identity/enrolment.cpp: moments, which can only be killed or kept waiting.
    "enrolment.token_taken",
    "enrolment.host_added",
    "enrolment.certificate_issued",
    // collector/store/revocations.cpp
    "revocations.open",
    "revocations.write",
    "revocations.sync",
    "revocations.truncate",
    // collector/identity/renewal.cpp: moments.
    "renewal.identity_committed",
    "renewal.certificate_issued",
    // collector/backup/restore.cpp
    "restore.owner",
    "restore.move",
    "restore.aside",
    // collector/service/housekeeping.cpp: a moment.
    "housekeeping.round",
    // agent/outbox/outbox.cpp: a moment, before what the collector has committed is noted.
    "outbox.acknowledged",
};

}  // namespace muster::failpoint

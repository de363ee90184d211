// rpm keeps its sqlite database in a mode in which even a reader makes files beside it. Where
// nobody is writing there is no need to: this reads such a database as it lies, so that a read-only
// image can be looked at and none is changed.
#pragma once

namespace muster::packages_rpm {

// For every sqlite database that is opened afterwards in this process. One beside which a journal
// with content lies (name + "-wal") is opened as always.
void read_whole_databases_without_locks();

}  // namespace muster::packages_rpm

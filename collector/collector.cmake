# The collector's parts, from the disk up; each may use those above it.
muster_library(collector_store
  SOURCES sqlite.cpp store_schema.cpp store_rows.cpp
    store_sqlite.cpp
  LINK muster::base muster::sections SQLite::SQLite3 Threads::Threads)

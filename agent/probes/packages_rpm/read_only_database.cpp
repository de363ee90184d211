#include "agent/probes/packages_rpm/read_only_database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <string>

namespace muster::packages_rpm {
namespace {

// sqlite's own way to its files, and the same with one answer changed.
sqlite3_vfs* usual = nullptr;
sqlite3_vfs changed;
sqlite3_io_methods usual_methods;
sqlite3_io_methods changed_methods;

int say_nobody_writes(sqlite3_file* file) {
  return usual_methods.xDeviceCharacteristics(file) | SQLITE_IOCAP_IMMUTABLE;
}

bool has_journal(const char* name) {
  struct stat found {};
  const std::string journal = std::string(name) + "-wal";
  return ::stat(journal.c_str(), &found) == 0 && found.st_size > 0;
}

int open_file(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags,
              int* flags_out) {
  const int result = usual->xOpen(usual, name, file, flags, flags_out);
  const bool database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  if (result != SQLITE_OK || !database || name == nullptr || has_journal(name)) return result;
  usual_methods = *file->pMethods;
  changed_methods = usual_methods;
  changed_methods.xDeviceCharacteristics = &say_nobody_writes;
  file->pMethods = &changed_methods;
  return result;
}

}  // namespace

void read_whole_databases_without_locks() {
  if (usual != nullptr) return;
  usual = ::sqlite3_vfs_find(nullptr);
  if (usual == nullptr) return;
  changed = *usual;
  changed.zName = "muster-read-only";
  changed.xOpen = &open_file;
  ::sqlite3_vfs_register(&changed, 1);
}

}  // namespace muster::packages_rpm

#include "collector/store/sqlite_faults.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <string>

namespace muster::collector {
namespace {

using failpoint::Point;

constexpr char kName[] = "muster-failpoints";

thread_local const char* current_moment = "work";

// The points of one kind of file.
struct FilePoints {
  Point write;
  Point sync;
  // A journal is not cut: while the store is made it is written once and deleted.
  std::optional<Point> truncate;
  Point remove;
};
constexpr FilePoints kDatabase = {"store.database.write", "store.database.sync",
                                  Point("store.database.truncate"), "store.journal.delete"};
constexpr FilePoints kLog = {"store.wal.write", "store.wal.sync", Point("store.wal.truncate"),
                             "store.wal.delete"};
constexpr FilePoints kJournal = {"store.journal.write", "store.journal.sync", std::nullopt,
                                 "store.journal.delete"};

// SQLite allocates szOsFile bytes for it; the real file lies behind it.
struct File {
  sqlite3_file base;
  const FilePoints* points;
  // SQLite keeps the name for as long as the file is open.
  const char* path;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& file_of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}
sqlite3_file* real_of(sqlite3_file* file) {
  return file_of(file).real();
}
sqlite3_vfs* root_of(sqlite3_vfs* vfs) {
  return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

std::string subject_of(const char* path) {
  return fmt::format("{} {}", current_moment, path == nullptr ? "" : path);
}

// A temporary file of SQLite's has no points: it is gone with the process.
bool has_points(const File& file) {
  return file.points != nullptr;
}

int close(sqlite3_file* file) {
  return real_of(file)->pMethods->xClose(real_of(file));
}

int read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), data, size, offset);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  File& own = file_of(file);
  size_t allowed = static_cast<size_t>(size);
  if (has_points(own) && failpoint::fails(own.points->write, subject_of(own.path), &allowed)) {
    return errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }
  const int part = static_cast<int>(allowed);
  const int result = own.real()->pMethods->xWrite(own.real(), data, part, offset);
  if (result != SQLITE_OK || part == size) return result;
  // What SQLite's own VFS makes of a write that the kernel did half: no room for the rest.
  errno = ENOSPC;
  return SQLITE_FULL;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  File& own = file_of(file);
  if (has_points(own) && own.points->truncate.has_value() &&
      failpoint::fails(*own.points->truncate, subject_of(own.path))) {
    return SQLITE_IOERR_TRUNCATE;
  }
  return own.real()->pMethods->xTruncate(own.real(), size);
}

int sync(sqlite3_file* file, int flags) {
  File& own = file_of(file);
  if (has_points(own) && failpoint::fails(own.points->sync, subject_of(own.path))) {
    return SQLITE_IOERR_FSYNC;
  }
  return own.real()->pMethods->xSync(own.real(), flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* result) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int device_characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}
int shm_unmap(sqlite3_file* file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

// Version 2: without memory-mapped pages, which would pass the points by.
constexpr sqlite3_io_methods kMethods = {.iVersion = 2,
                                         .xClose = close,
                                         .xRead = read,
                                         .xWrite = write,
                                         .xTruncate = truncate,
                                         .xSync = sync,
                                         .xFileSize = file_size,
                                         .xLock = lock,
                                         .xUnlock = unlock,
                                         .xCheckReservedLock = check_reserved_lock,
                                         .xFileControl = file_control,
                                         .xSectorSize = sector_size,
                                         .xDeviceCharacteristics = device_characteristics,
                                         .xShmMap = shm_map,
                                         .xShmLock = shm_lock,
                                         .xShmBarrier = shm_barrier,
                                         .xShmUnmap = shm_unmap,
                                         .xFetch = nullptr,
                                         .xUnfetch = nullptr};

const FilePoints* points_of(int flags) {
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) return &kDatabase;
  if ((flags & SQLITE_OPEN_WAL) != 0) return &kLog;
  if ((flags & SQLITE_OPEN_MAIN_JOURNAL) != 0) return &kJournal;
  return nullptr;
}

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto* own = new (file) File{.base = {}, .points = points_of(flags), .path = path};
  if (has_points(*own) && failpoint::fails("store.file.open", subject_of(path))) {
    return SQLITE_CANTOPEN;
  }
  const int result = root_of(vfs)->xOpen(root_of(vfs), path, own->real(), flags, out_flags);
  // SQLite closes what has methods, also after an error.
  if (own->real()->pMethods != nullptr) own->base.pMethods = &kMethods;
  return result;
}

int remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  const bool is_log = std::string_view(path).ends_with("-wal");
  if (failpoint::fails((is_log ? kLog : kJournal).remove, subject_of(path))) {
    return SQLITE_IOERR_DELETE;
  }
  return root_of(vfs)->xDelete(root_of(vfs), path, sync_directory);
}

// All that this VFS does not change has SQLite's own functions, which take any VFS.
sqlite3_vfs make_vfs(sqlite3_vfs* root) {
  sqlite3_vfs vfs = *root;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + root->szOsFile;
  vfs.pNext = nullptr;
  vfs.zName = kName;
  vfs.pAppData = root;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  return vfs;
}

}  // namespace

const char* vfs_of_this_build() {
  if (!failpoint::armed()) return nullptr;
  // SQLite keeps the pointer for good.
  static sqlite3_vfs vfs = make_vfs(sqlite3_vfs_find(nullptr));
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_vfs_register(&vfs, 0); });
  return kName;
}

StoreMoment::StoreMoment(const char* name) : before_(current_moment) {
  current_moment = name;
}

StoreMoment::~StoreMoment() {
  current_moment = before_;
}

}  // namespace muster::collector

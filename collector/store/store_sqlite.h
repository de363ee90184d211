// The store in one SQLite file, embedded. One connection on one thread does all reads, writes and
// checkpoints, because SQLite 3.40 can damage a log that two write or checkpoint; a lock file keeps
// other processes away. WAL with full syncs: what a callback reports is on disk.
//
// Destroying it commits what is in the queue first.
#pragma once

#include <absl/status/statusor.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "collector/backup/database_copy.h"
#include "collector/store/sqlite.h"
#include "collector/store/target_store.h"

namespace muster::collector {

struct StoreOptions {
  // The file; its directory exists. `<path>.lock` and `<path>-wal` are beside it.
  std::string path;
  // Beyond these, writes are refused at once.
  size_t queue_operations = 10'000;
  size_t queue_bytes = 64 * 1024 * 1024;
  // The file never grows beyond this many pages of 4 KiB; 0: no limit of its own.
  int64_t max_pages = 0;
  // The log is copied into the file when it has this many pages (4 MiB).
  int checkpoint_pages = 1000;
  // Of a snapshot, copied at a time (1 MiB).
  int snapshot_pages = 256;
  // How long the first write of a group waits for others to be committed with it: to sync, and to
  // wake up for it, costs as much for one as for many.
  std::chrono::microseconds gather{400};
  // Told of each commit: how long it took, and how many operations it had. On the store's thread.
  std::function<void(std::chrono::duration<double>, size_t)> on_commit = nullptr;
};

class StoreSqlite : public Store, public TargetStore {
 public:
  using Done = Store::Done;

  // FailedPrecondition: in use by another process, another program's file, or written by a newer
  // build. DataLoss: damaged.
  static absl::StatusOr<std::unique_ptr<StoreSqlite>> open(StoreOptions options);
  ~StoreSqlite() override;

  absl::StatusOr<std::vector<StoredHost>> load_hosts() override;
  absl::StatusOr<std::vector<TokenRecord>> load_tokens() override;
  void add_host(HostRecord host, Done done) override;
  void put_identity(std::string host_id, IdentityRecord identity, Done done) override;
  void rename_host(std::string host_id, std::string name, Done done) override;
  void remove_host(std::string host_id, Done done) override;
  void commit_sync(SyncWrite write, Done done) override;
  void after_callbacks(const std::function<void()>& what) override;
  void commit_times(std::vector<SyncWrite> writes, Done done) override;
  void put_first_seen(std::string host_id, policy::FirstSeen first_seen, Done done) override;
  void put_token(TokenRecord token, Done done) override;
  void take_token(std::string sha256, TimePoint now, TokenDone done) override;
  void revoke_token(std::string id, Done done) override;
  void list_tokens(TokensDone done) override;
  absl::StatusOr<StoredLeases> load_leases() override;
  void put_leases(LeaseWrite write, Done done) override;
  absl::StatusOr<std::vector<StoredTarget>> load_targets() override;
  void put_target_first_seen(std::string target_id, policy::FirstSeen first_seen,
                             Done done) override;
  void commit_target_times(std::vector<TargetWrite> writes, Done done) override;
  void remove_targets(std::vector<std::string> target_ids, Done done) override;
  uint64_t size_bytes() const override;

  // Copies the store into a new file, in slices between the commits: reports go on. Everything that
  // was committed before is in it, and what is committed meanwhile too. `done` comes on the store's
  // thread; a file that was begun is left to who named it.
  void snapshot(const std::string& path, Done done);

  // False from a write or a checkpoint that the disk did not take (full, an I/O error, damaged)
  // until one of the same kind is done again. What only reads does not make it true.
  bool writable() const { return takes_writes_ && takes_checkpoints_; }
  // Calls `answered` on the store's thread, between two groups: how the collector knows that it is
  // not stuck. Never refused.
  void answer(std::function<void()> answered);
  // How full the queue is, 0 to 1: what the brake goes by.
  double load() const;

 private:
  struct Operation {
    size_t bytes = 0;
    std::function<absl::Status(Database&)> run;
    Done done;
    absl::Status result = {};
  };

  StoreSqlite(StoreOptions options, int lock_descriptor, std::unique_ptr<Database> database);
  // What `read` gives on the store's thread, waited for.
  template <typename Loaded>
  absl::StatusOr<Loaded> read_all(absl::StatusOr<Loaded> (*read)(Database&));
  void enqueue(size_t bytes, std::function<absl::Status(Database&)> run, Done done);
  // In pieces, between which others get their turn.
  template <typename Write>
  void enqueue_times(std::vector<Write> writes, absl::Status (*write)(Database&, const Write&),
                     const Done& done);
  // Puts it into the queue, or says why not and leaves it as it is.
  absl::Status admit(Operation& operation);
  void work();
  std::vector<Operation> next_group();
  void commit_group(std::vector<Operation>& group);
  void checkpoint();
  // A copy under way. Shared between the slices, which are called one after the other.
  struct Copying;
  void copy_some(const std::shared_ptr<Copying>& copying);
  // All in one transaction. False: it failed as a whole with `failure`, and nothing is changed.
  // `apart`: an operation that fails is undone alone, and the others are committed; else the first
  // that fails is a failure of all.
  bool try_commit(std::vector<Operation*>& operations, bool apart, absl::Status& failure);
  absl::Status run_apart(Operation& operation);

  const StoreOptions options_;
  const int lock_descriptor_;
  // Both are the store's thread's only, once it runs.
  std::unique_ptr<Database> database_;
  std::vector<std::function<void()>> after_callbacks_;

  std::atomic<bool> takes_writes_ = true;
  std::atomic<bool> takes_checkpoints_ = true;

  mutable std::mutex mutex_;
  // Below: guarded by mutex_, which is a leaf: nothing else is taken under it.
  std::condition_variable wake_;
  std::deque<Operation> queue_;
  std::vector<std::function<void()>> asked_;
  size_t queued_bytes_ = 0;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace muster::collector

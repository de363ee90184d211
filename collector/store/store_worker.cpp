// The store's thread: what it is asked for, taken in groups, each committed as one.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "collector/backup/database_copy.h"
#include "collector/store/store_sqlite.h"
#include "common/failpoint.h"

namespace muster::collector {
namespace {

// Groups this large make syncs about free; larger ones only delay the first in them.
constexpr size_t kGroupOperations = 200;
constexpr size_t kGroupBytes = 8 * 1024 * 1024;

// Whether it says something of the disk, and not of what was to be written.
bool is_of_the_disk(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsUnavailable(status) ||
         absl::IsDataLoss(status);
}

}  // namespace

uint64_t StoreSqlite::size_bytes() const {
  uint64_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    struct stat status {};
    if (::stat((options_.path + suffix).c_str(), &status) == 0) {
      bytes += static_cast<uint64_t>(status.st_size);
    }
  }
  return bytes;
}

double StoreSqlite::load() const {
  const std::lock_guard guard(mutex_);
  return std::max(
      static_cast<double>(queue_.size()) / static_cast<double>(options_.queue_operations),
      static_cast<double>(queued_bytes_) / static_cast<double>(options_.queue_bytes));
}

void StoreSqlite::enqueue(size_t bytes, std::function<absl::Status(Database&)> run, Done done) {
  Operation operation{.bytes = bytes, .run = std::move(run), .done = std::move(done)};
  const absl::Status status = admit(operation);
  // Outside the lock: what it calls may write again.
  if (!status.ok()) operation.done(status);
}

absl::Status StoreSqlite::admit(Operation& operation) {
  const std::lock_guard guard(mutex_);
  if (stopping_) return absl::UnavailableError("the collector is stopping");
  // A write that is larger than the whole queue may pass an empty one.
  const bool has_room = queue_.empty() || queued_bytes_ + operation.bytes <= options_.queue_bytes;
  if (queue_.size() >= options_.queue_operations || !has_room) {
    // Not ResourceExhausted: that says that the disk is full.
    return absl::UnavailableError(
        fmt::format("the store's queue is full ({} writes, {} bytes wait): the disk is too slow "
                    "for what comes in; try again later",
                    queue_.size(), queued_bytes_));
  }
  queued_bytes_ += operation.bytes;
  queue_.push_back(std::move(operation));
  // Where there were some before, the store's thread is awake or on its way, or waits for more.
  if (queue_.size() == 1 || queue_.size() == kGroupOperations) wake_.notify_one();
  return absl::OkStatus();
}

void StoreSqlite::work() {
  while (true) {
    std::vector<Operation> group = next_group();
    if (group.empty()) return;
    commit_group(group);
    failpoint::pass("store.committed", options_.path);
    for (Operation& operation : group)
      operation.done(std::move(operation.result));
    for (const std::function<void()>& what : std::exchange(after_callbacks_, {}))
      what();
    // After the answers: they need not wait for it.
    if (database_->pages_in_log() >= options_.checkpoint_pages) checkpoint();
  }
}

void StoreSqlite::answer(std::function<void()> answered) {
  {
    const std::lock_guard guard(mutex_);
    asked_.push_back(std::move(answered));
  }
  wake_.notify_all();
}

struct StoreSqlite::Copying {
  std::string path;
  Done done;
  std::unique_ptr<DatabaseCopy> copy;

  ~Copying() {
    if (done) done(absl::UnavailableError("the collector is stopping"));
  }
  void end(const absl::Status& status) {
    copy.reset();
    std::exchange(done, nullptr)(status);
  }
};

void StoreSqlite::snapshot(const std::string& path, Done done) {
  auto copying = std::make_shared<Copying>();
  copying->path = path;
  copying->done = std::move(done);
  answer([this, copying] { copy_some(copying); });
}

void StoreSqlite::copy_some(const std::shared_ptr<Copying>& copying) {
  if (copying->copy == nullptr) {
    absl::StatusOr<std::unique_ptr<DatabaseCopy>> begun =
        DatabaseCopy::begin(*database_, copying->path);
    if (!begun.ok()) return copying->end(begun.status());
    copying->copy = *std::move(begun);
  }
  failpoint::pass("store.snapshot", copying->path);
  const absl::StatusOr<bool> complete = copying->copy->step(options_.snapshot_pages);
  if (!complete.ok() || *complete) return copying->end(complete.status());
  answer([this, copying] { copy_some(copying); });
}

void StoreSqlite::checkpoint() {
  // One that fails is tried again after the next commit; until then the log grows and nothing is
  // lost.
  takes_checkpoints_ = database_->checkpoint().ok();
}

std::vector<StoreSqlite::Operation> StoreSqlite::next_group() {
  std::unique_lock lock(mutex_);
  while (true) {
    std::vector<std::function<void()>> asked;
    asked.swap(asked_);
    lock.unlock();
    for (const std::function<void()>& answered : asked)
      answered();
    lock.lock();
    if (!queue_.empty() || stopping_) break;
    if (asked_.empty()) wake_.wait(lock);
  }
  wake_.wait_for(lock, options_.gather,
                 [this] { return stopping_ || queue_.size() >= kGroupOperations; });
  std::vector<Operation> group;
  size_t bytes = 0;
  while (!queue_.empty() && group.size() < kGroupOperations && bytes < kGroupBytes) {
    bytes += queue_.front().bytes;
    queued_bytes_ -= queue_.front().bytes;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void StoreSqlite::commit_group(std::vector<Operation>& group) {
  const auto started = std::chrono::steady_clock::now();
  const uint64_t written_before = database_->commits_written();
  std::vector<Operation*> all;
  for (Operation& operation : group)
    all.push_back(&operation);
  absl::Status failure;
  // That one fails is rare, so the price of undoing it alone is paid only then.
  if (!try_commit(all, false, failure) && !try_commit(all, true, failure)) {
    // One that cannot be done (a disk that is full for the largest) must not fail the others.
    for (Operation& operation : group) {
      std::vector<Operation*> alone = {&operation};
      if (!try_commit(alone, true, failure)) operation.result = failure;
    }
  }
  if (std::any_of(group.begin(), group.end(),
                  [](const Operation& operation) { return is_of_the_disk(operation.result); })) {
    takes_writes_ = false;
  } else if (database_->commits_written() > written_before) {
    takes_writes_ = true;
  }
  if (options_.on_commit) {
    options_.on_commit(std::chrono::steady_clock::now() - started, group.size());
  }
}

bool StoreSqlite::try_commit(std::vector<Operation*>& operations, bool apart,
                             absl::Status& failure) {
  // A rollback that failed left it open.
  if (database_->in_transaction()) (void)database_->rollback();
  failure = database_->begin();
  if (!failure.ok()) return false;
  for (Operation* operation : operations) {
    failpoint::pass("store.operation", options_.path);
    failure = apart ? run_apart(*operation) : operation->result = operation->run(*database_);
    if (!failure.ok()) break;
  }
  if (failure.ok()) failure = database_->commit();
  if (failure.ok()) return true;
  if (database_->in_transaction()) (void)database_->rollback();
  return false;
}

absl::Status StoreSqlite::run_apart(Operation& operation) {
  absl::Status status = database_->prepare("SAVEPOINT operation").run();
  if (!status.ok()) return status;
  operation.result = operation.run(*database_);
  // On some errors SQLite has rolled back everything by itself.
  if (!database_->in_transaction()) return operation.result;
  if (!operation.result.ok()) {
    status = database_->prepare("ROLLBACK TO operation").run();
    if (!status.ok()) return status;
  }
  return database_->prepare("RELEASE operation").run();
}

}  // namespace muster::collector

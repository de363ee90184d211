#include "collector/store/store_sqlite.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "collector/store/store_file.h"
#include "collector/store/store_rows.h"
#include "common/failpoint.h"

namespace muster::collector {
namespace {

// Groups this large make syncs about free; larger ones only delay the first in them.
constexpr size_t kGroupOperations = 200;
constexpr size_t kGroupBytes = 8 * 1024 * 1024;
// How many hosts' times go into one operation, so that reports are not kept waiting behind them.
constexpr size_t kTimesPerOperation = 100;

// Whether it says something of the disk, and not of what was to be written.
bool is_of_the_disk(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsUnavailable(status) ||
         absl::IsDataLoss(status);
}

size_t size_of(const SyncWrite& write) {
  size_t bytes = 200;
  for (const SectionRecord& section : write.sections) {
    bytes += 200 + section.state.facts.size() + section.state.reason.size() +
             64 * section.state.measurements.size();
  }
  return bytes;
}

size_t size_of(const policy::FirstSeen& first_seen) {
  size_t bytes = 100;
  for (const auto& [key, since] : first_seen) {
    bytes += 100 + key.entity.size() + key.control.size() + key.subject.size();
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoreSqlite>> StoreSqlite::open(StoreOptions options) {
  absl::StatusOr<int> lock = lock_store(options.path);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<std::unique_ptr<Database>> database = Database::open(options.path);
  absl::Status status = database.status();
  if (status.ok()) status = prepare_store(**database, options.path, options.max_pages);
  if (!status.ok()) {
    ::close(*lock);
    return status;
  }
  return std::unique_ptr<StoreSqlite>(
      new StoreSqlite(std::move(options), *lock, *std::move(database)));
}

StoreSqlite::StoreSqlite(StoreOptions options, int lock_descriptor,
                         std::unique_ptr<Database> database)
    : options_(std::move(options)),
      lock_descriptor_(lock_descriptor),
      database_(std::move(database)),
      thread_([this] { work(); }) {}

StoreSqlite::~StoreSqlite() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  // A copy that did not come to its end ends before its source.
  asked_.clear();
  database_.reset();
  ::close(lock_descriptor_);
}

absl::StatusOr<std::vector<StoredHost>> StoreSqlite::load_hosts() {
  using Hosts = absl::StatusOr<std::vector<StoredHost>>;
  // Shared: the one that is waited for may be gone before the other has finished telling.
  auto promise = std::make_shared<std::promise<Hosts>>();
  auto hosts = std::make_shared<Hosts>();
  enqueue(
      0,
      [hosts](Database& database) {
        *hosts = read_hosts(database);
        return hosts->status();
      },
      [promise, hosts](const absl::Status& status) {
        promise->set_value(status.ok() ? std::move(*hosts) : Hosts(status));
      });
  return promise->get_future().get();
}

absl::StatusOr<std::vector<TokenRecord>> StoreSqlite::load_tokens() {
  using Tokens = absl::StatusOr<std::vector<TokenRecord>>;
  // Shared as in load_hosts.
  auto promise = std::make_shared<std::promise<Tokens>>();
  list_tokens([promise](Tokens tokens) { promise->set_value(std::move(tokens)); });
  return promise->get_future().get();
}

void StoreSqlite::add_host(HostRecord host, Done done) {
  enqueue(
      500, [host = std::move(host)](Database& database) { return insert_host(database, host); },
      std::move(done));
}

void StoreSqlite::put_identity(std::string host_id, IdentityRecord identity, Done done) {
  enqueue(
      500,
      [host_id = std::move(host_id), identity = std::move(identity)](Database& database) {
        return put_identity_row(database, host_id, identity);
      },
      std::move(done));
}

void StoreSqlite::rename_host(std::string host_id, std::string name, Done done) {
  enqueue(
      500,
      [host_id = std::move(host_id), name = std::move(name)](Database& database) {
        return rename_host_row(database, host_id, name);
      },
      std::move(done));
}

void StoreSqlite::remove_host(std::string host_id, Done done) {
  enqueue(
      200,
      [host_id = std::move(host_id)](Database& database) { return delete_host(database, host_id); },
      std::move(done));
}

void StoreSqlite::commit_sync(SyncWrite write, Done done) {
  const size_t bytes = size_of(write);
  enqueue(
      bytes, [write = std::move(write)](Database& database) { return write_sync(database, write); },
      std::move(done));
}

void StoreSqlite::after_callbacks(const std::function<void()>& what) {
  after_callbacks_.push_back(what);
}

void StoreSqlite::commit_times(std::vector<SyncWrite> writes, Done done) {
  while (writes.size() > kTimesPerOperation) {
    const auto begin = writes.end() - static_cast<std::ptrdiff_t>(kTimesPerOperation);
    std::vector<SyncWrite> piece(std::make_move_iterator(begin),
                                 std::make_move_iterator(writes.end()));
    writes.erase(begin, writes.end());
    // All but the last piece answer nobody: losing times costs only freshness.
    enqueue_times(std::move(piece), [](const absl::Status&) {});
  }
  enqueue_times(std::move(writes), std::move(done));
}

void StoreSqlite::enqueue_times(std::vector<SyncWrite> writes, Done done) {
  size_t bytes = 100;
  for (const SyncWrite& write : writes)
    bytes += size_of(write);
  enqueue(
      bytes,
      [writes = std::move(writes)](Database& database) {
        failpoint::pass("store.times");
        for (const SyncWrite& write : writes) {
          if (absl::Status status = write_times(database, write); !status.ok()) return status;
        }
        return absl::OkStatus();
      },
      std::move(done));
}

void StoreSqlite::put_first_seen(std::string host_id, policy::FirstSeen first_seen, Done done) {
  const size_t bytes = size_of(first_seen);
  enqueue(
      bytes,
      [host_id = std::move(host_id), first_seen = std::move(first_seen)](Database& database) {
        return replace_first_seen(database, host_id, first_seen);
      },
      std::move(done));
}

void StoreSqlite::put_token(TokenRecord token, Done done) {
  enqueue(
      500, [token = std::move(token)](Database& database) { return insert_token(database, token); },
      std::move(done));
}

void StoreSqlite::take_token(std::string sha256, TimePoint now, TokenDone done) {
  // Shared between the operation and its callback, which are called one after the other.
  auto taken = std::make_shared<TokenRecord>();
  enqueue(
      200,
      [sha256 = std::move(sha256), now, taken](Database& database) {
        absl::StatusOr<TokenRecord> token = take_token_use(database, sha256, now);
        if (!token.ok()) return token.status();
        *taken = *std::move(token);
        return absl::OkStatus();
      },
      [taken, done = std::move(done)](const absl::Status& status) {
        if (!status.ok()) return done(status);
        done(std::move(*taken));
      });
}

void StoreSqlite::revoke_token(std::string id, Done done) {
  enqueue(
      200, [id = std::move(id)](Database& database) { return delete_tokens(database, id); },
      std::move(done));
}

void StoreSqlite::list_tokens(TokensDone done) {
  // Shared as in take_token.
  auto tokens = std::make_shared<std::vector<TokenRecord>>();
  enqueue(
      100,
      [tokens](Database& database) {
        absl::StatusOr<std::vector<TokenRecord>> read = read_tokens(database);
        if (!read.ok()) return read.status();
        *tokens = *std::move(read);
        return absl::OkStatus();
      },
      [tokens, done = std::move(done)](const absl::Status& status) {
        if (!status.ok()) return done(status);
        done(std::move(*tokens));
      });
}

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

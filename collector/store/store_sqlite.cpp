#include "collector/store/store_sqlite.h"

#include <unistd.h>

#include <future>
#include <utility>

#include "collector/store/store_file.h"
#include "collector/store/store_rows.h"
#include "collector/store/target_rows.h"
#include "common/failpoint.h"

namespace muster::collector {
namespace {

// How many hosts' times go into one operation, so that reports are not kept waiting behind them.
constexpr size_t kTimesPerOperation = 100;

size_t size_of(const std::vector<SectionRecord>& sections) {
  size_t bytes = 200;
  for (const SectionRecord& section : sections) {
    bytes += 200 + section.state.facts.size() + section.state.reason.size() +
             64 * section.state.measurements.size();
  }
  return bytes;
}

size_t size_of(const TargetWrite& write) {
  return size_of(write.sections);
}

size_t size_of(const SyncWrite& write) {
  size_t bytes = size_of(write.sections);
  for (const TargetWrite& target : write.targets)
    bytes += size_of(target);
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

template <typename Loaded>
absl::StatusOr<Loaded> StoreSqlite::read_all(absl::StatusOr<Loaded> (*read)(Database&)) {
  using Result = absl::StatusOr<Loaded>;
  // Shared: the one that is waited for may be gone before the other has finished telling.
  auto promise = std::make_shared<std::promise<Result>>();
  auto loaded = std::make_shared<Result>();
  enqueue(
      0,
      [loaded, read](Database& database) {
        *loaded = read(database);
        return loaded->status();
      },
      [promise, loaded](const absl::Status& status) {
        promise->set_value(status.ok() ? std::move(*loaded) : Result(status));
      });
  return promise->get_future().get();
}

absl::StatusOr<std::vector<StoredHost>> StoreSqlite::load_hosts() {
  return read_all(read_hosts);
}

absl::StatusOr<StoredLeases> StoreSqlite::load_leases() {
  return read_all(read_leases);
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
  enqueue_times(std::move(writes), write_times, done);
}

void StoreSqlite::commit_target_times(std::vector<TargetWrite> writes, Done done) {
  enqueue_times(std::move(writes), write_target_times, done);
}

template <typename Write>
void StoreSqlite::enqueue_times(std::vector<Write> writes,
                                absl::Status (*write)(Database&, const Write&), const Done& done) {
  do {
    const auto begin =
        writes.end() - static_cast<std::ptrdiff_t>(std::min(writes.size(), kTimesPerOperation));
    std::vector<Write> piece(std::make_move_iterator(begin), std::make_move_iterator(writes.end()));
    writes.erase(begin, writes.end());
    size_t bytes = 100;
    for (const Write& one : piece)
      bytes += size_of(one);
    // All but the last piece answer nobody: losing times costs only freshness.
    Done answer = writes.empty() ? done : [](const absl::Status&) {};
    enqueue(
        bytes,
        [piece = std::move(piece), write](Database& database) {
          failpoint::pass("store.times");
          for (const Write& one : piece) {
            if (absl::Status status = write(database, one); !status.ok()) return status;
          }
          return absl::OkStatus();
        },
        std::move(answer));
  } while (!writes.empty());
}

absl::StatusOr<std::vector<StoredTarget>> StoreSqlite::load_targets() {
  return read_all(read_targets);
}

void StoreSqlite::put_target_first_seen(std::string target_id, policy::FirstSeen first_seen,
                                        Done done) {
  const size_t bytes = size_of(first_seen);
  enqueue(
      bytes,
      [target_id = std::move(target_id), first_seen = std::move(first_seen)](Database& database) {
        return replace_target_memory(database, target_id, first_seen);
      },
      std::move(done));
}

void StoreSqlite::remove_targets(std::vector<std::string> target_ids, Done done) {
  const size_t bytes = 100 + 100 * target_ids.size();
  enqueue(
      bytes,
      [target_ids = std::move(target_ids)](Database& database) {
        return delete_targets(database, target_ids);
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

void StoreSqlite::put_leases(LeaseWrite write, Done done) {
  const size_t bytes = 100 + 300 * write.targets.size();
  enqueue(
      bytes,
      [write = std::move(write)](Database& database) { return write_leases(database, write); },
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

}  // namespace muster::collector

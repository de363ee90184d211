#include "collector/targets/leases.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <utility>

#include "collector/targets/lease_book.h"
#include "collector/targets/lease_clock.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

// An agent that is told to report after so long keeps its lease over three reports; but no lease is
// longer than this.
constexpr int kReportsPerLease = 3;
constexpr Duration kLongestLease = std::chrono::hours(25);
// How soon an agent reports again that has no lease yet.
constexpr Duration kSoon = std::chrono::seconds(5);

// The book with its clock and its way to the store. Shared with the store's callbacks, which may
// come after the leases are gone.
class Ledger : public std::enable_shared_from_this<Ledger> {
 public:
  Ledger(const Clock& clock, Store& store, const LeaseOptions& options, const StoredLeases& leases)
      : store_(store), clock_(clock, options.boot_id, leases.horizon), book_(options) {
    book_.set_wall_offset(clock_.wall_offset());
    book_.restore(leases, clock_.goes_on());
  }

  // Calls `use` with the book, and the time.
  template <typename Use>
  auto with_book(const Use& use) const {
    const std::lock_guard guard(mutex_);
    return use(book_, clock_);
  }
  template <typename Use>
  auto with_book(const Use& use) {
    const std::lock_guard guard(mutex_);
    return use(book_, clock_);
  }

  // Gives the store what it is to have, one piece after the other.
  void write() {
    LeaseWrite write;
    {
      const std::lock_guard guard(mutex_);
      if (writing_) return;
      write = book_.next_write(clock_);
      writing_ = !write.targets.empty() || write.horizon.has_value();
      if (!writing_) return;
    }
    store_.put_leases(std::move(write), [weak = weak_from_this()](const absl::Status& status) {
      if (const std::shared_ptr<Ledger> ledger = weak.lock()) ledger->written(status);
    });
  }

 private:
  void written(const absl::Status& status) {
    {
      const std::lock_guard guard(mutex_);
      book_.written(status);
      writing_ = false;
    }
    // What was refused waits for the next second.
    if (status.ok()) write();
  }

  Store& store_;
  mutable std::mutex mutex_;
  // Below: guarded by mutex_. Nothing else is taken under it.
  LeaseClock clock_;
  LeaseBook book_;
  bool writing_ = false;
};

class Leases : public TargetLeases {
 public:
  explicit Leases(std::shared_ptr<Ledger> ledger, Duration lease)
      : ledger_(std::move(ledger)), lease_(lease) {
    know_hosts();
  }

  void set_targets(std::shared_ptr<const TargetTable> targets) override {
    ledger_->with_book([&targets](LeaseBook& book, const LeaseClock& clock) {
      book.set_targets(std::move(targets), clock.now());
    });
    ledger_->write();
  }

  void set_lookers(std::vector<Looker> lookers) override {
    ledger_->with_book([&lookers](LeaseBook& book, const LeaseClock& /*clock*/) {
      book.set_lookers(std::move(lookers));
    });
    know_hosts();
    ledger_->write();
  }

  void look() override {
    ledger_->with_book([](LeaseBook& book, LeaseClock& clock) {
      if (clock.follow()) book.set_wall_offset(clock.wall_offset());
      book.begin(clock.now());
    });
    // In small pieces: agents' answers wait for one of them at most.
    while (ledger_->with_book(
        [](LeaseBook& book, const LeaseClock& clock) { return book.step(clock.now()); })) {
    }
    ledger_->write();
    while (ledger_->with_book(
        [](LeaseBook& book, const LeaseClock& /*clock*/) { return book.make_list(); })) {
    }
  }

  bool may_report(std::string_view host_id, std::string_view target,
                  TimePoint observed_at) const override {
    if (!is_known(host_id)) return false;
    return ledger_->with_book([&](const LeaseBook& book, const LeaseClock& clock) {
      return book.may_report(host_id, target, clock.from_wall(observed_at), clock.now());
    });
  }

  void answer(std::string_view host_id, const v1::SyncRequest& request, Duration next_sync,
              v1::SyncResponse& response) override {
    if (!is_known(host_id)) return;
    const Duration reach = kReportsPerLease * next_sync;
    const Duration lease = std::max(lease_, std::min(reach, kLongestLease));
    ledger_->with_book([&](LeaseBook& book, LeaseClock& clock) {
      // Somebody set the time: the lists have the old one.
      if (clock.follow()) book.set_wall_offset(clock.wall_offset());
      const TimePoint now = clock.now();
      const auto answer = book.answer(host_id, request, lease, now);
      if (!answer) return;
      const TimePoint wall = clock.wall_now();
      const Duration granted = answer->valid_until - now;
      *response.mutable_server_time() = to_proto(wall);
      *response.mutable_assignments_valid_until() = to_proto(wall + granted);
      response.set_assignments_sha256(std::string(answer->digest));
      if (answer->list != nullptr) response.set_assignment_list(*answer->list);
      if (answer->is_new || granted < lease) {
        const Duration sooner = answer->is_new ? kSoon : std::max(kSoon, granted / 3);
        set_sooner(sooner, response);
      }
    });
  }

  void set_last_look(std::string_view target, TimePoint at) override {
    ledger_->with_book([target, at](LeaseBook& book, const LeaseClock& /*clock*/) {
      book.set_last_look(target, at);
    });
  }

  std::optional<TargetHolder> holder_of(std::string_view target) const override {
    return ledger_->with_book([target](const LeaseBook& book, const LeaseClock& clock) {
      return book.holder_of(target, clock.now());
    });
  }

  std::string note_of(std::string_view target) const override {
    return ledger_->with_book([target](const LeaseBook& book, const LeaseClock& clock) {
      return book.note_of(target, clock.now());
    });
  }

  Counts counts() const override {
    return ledger_->with_book(
        [](const LeaseBook& book, const LeaseClock& clock) { return book.counts(clock.now()); });
  }

 private:
  static void set_sooner(Duration sooner, v1::SyncResponse& response) {
    const auto milliseconds = static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(sooner).count());
    if (response.next_sync_milliseconds() == 0 ||
        response.next_sync_milliseconds() > milliseconds) {
      response.set_next_sync_milliseconds(milliseconds);
    }
  }

  // Most hosts never look: for these nobody waits for the book.
  bool is_known(std::string_view host_id) const {
    const std::shared_lock guard(known_mutex_);
    return known_.find(host_id) != known_.end();
  }

  void know_hosts() {
    const std::vector<std::string> hosts = ledger_->with_book(
        [](const LeaseBook& book, const LeaseClock& /*clock*/) { return book.hosts(); });
    const std::lock_guard guard(known_mutex_);
    known_ = {hosts.begin(), hosts.end()};
  }

  const std::shared_ptr<Ledger> ledger_;
  const Duration lease_;
  mutable std::shared_mutex known_mutex_;
  // Guarded by known_mutex_. Hosts that look, or did since the collector started.
  std::set<std::string, std::less<>> known_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TargetLeases>> make_target_leases(const Clock& clock, Store& store,
                                                                 const LeaseOptions& options) {
  absl::StatusOr<StoredLeases> leases = store.load_leases();
  if (!leases.ok()) return leases.status();
  return std::make_unique<Leases>(std::make_shared<Ledger>(clock, store, options, *leases),
                                  options.lease);
}

}  // namespace muster::collector

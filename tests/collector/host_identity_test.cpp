// Whose certificates are taken: each rule by itself, then random stories of a host that loses
// answers, is killed, cloned, bound anew, while the collector's store is put back to older ones.
#include "collector/fleet/host_identity.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace muster::collector {
namespace {

using Kind = RenewalDecision::Kind;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};

IdentityRecord a_record(uint64_t generation, const std::string& key) {
  IdentityRecord record;
  record.generation = generation;
  record.key_sha256 = key;
  return record;
}

struct RenewalCase {
  const char* name;
  IdentityRecord host;
  PresentedIdentity presented;
  const char* wanted;
  Kind kind;
  uint64_t generation;
};

IdentityRecord with(IdentityRecord record, Standing standing) {
  record.standing = standing;
  return record;
}
IdentityRecord released(IdentityRecord record) {
  record.adopts_next = true;
  return record;
}
IdentityRecord bound_at(IdentityRecord record, uint64_t least) {
  record.least_generation = least;
  return record;
}

TEST(HostIdentity, JudgesWhoeverAsksForACertificate) {
  const RenewalCase cases[] = {
      {"the newest asks for a new key", a_record(3, "k3"), {3, "k3"}, "k4", Kind::kAdvance, 4},
      {"its answer was lost", a_record(4, "k4"), {3, "k3"}, "k4", Kind::kRepeat, 4},
      {"it asks for the key it has", a_record(4, "k4"), {4, "k4"}, "k4", Kind::kRepeat, 4},
      {"an older one asks for another key", a_record(4, "k4"), {3, "k3"}, "x", Kind::kClone, 0},
      {"another key of the newest number", a_record(4, "k4"), {4, "x4"}, "x5", Kind::kClone, 0},
      {"an older store was put back", a_record(2, "k2"), {5, "k5"}, "k6", Kind::kAdvance, 6},
      {"one that asks for a key of before", a_record(2, "k2"), {5, "k5"}, "k2", Kind::kAdvance, 6},
      {"the newest key by an older certificate",
       a_record(4, "k"),
       {3, "k"},
       "k5",
       Kind::kAdvance,
       5},
      {"it was never counted", a_record(0, ""), {0, "k0"}, "k1", Kind::kAdvance, 1},
      {"a copy of it, after it was counted", a_record(1, "k1"), {0, "k0"}, "x", Kind::kClone, 0},
      {"the first after a release",
       released(a_record(7, "x7")),
       {5, "k5"},
       "k6",
       Kind::kAdvance,
       8},
      {"quarantined",
       with(a_record(3, "k3"), Standing::kQuarantined),
       {3, "k3"},
       "k4",
       Kind::kRefused,
       0},
      {"revoked", with(a_record(3, "k3"), Standing::kRevoked), {3, "k3"}, "k3", Kind::kRefused, 0},
      {"before a token bound it anew",
       bound_at(a_record(4, "n4"), 4),
       {3, "k3"},
       "k4",
       Kind::kRefused,
       0},
      {"before it, and released since",
       released(bound_at(a_record(4, "n4"), 4)),
       {3, "k3"},
       "k4",
       Kind::kRefused,
       0},
      {"bound by a token", bound_at(a_record(4, "n4"), 4), {4, "n4"}, "n5", Kind::kAdvance, 5},
  };
  for (const RenewalCase& one : cases) {
    const RenewalDecision decision = judge_renewal(one.host, one.presented, one.wanted);
    EXPECT_EQ(decision.kind, one.kind) << one.name;
    EXPECT_EQ(decision.generation, one.generation) << one.name;
  }
}

TEST(HostIdentity, JudgesWhoeverReports) {
  struct Case {
    const char* name;
    IdentityRecord host;
    uint64_t generation;
    uint64_t newest_seen;
    Admission admission;
  };
  const Case cases[] = {
      {"the newest", a_record(3, "k3"), 3, 3, Admission::kTaken},
      {"the one before, whose answer was lost", a_record(3, "k3"), 2, 2, Admission::kTaken},
      {"older than one that reported", a_record(3, "k3"), 2, 3, Admission::kSuperseded},
      {"the same after a release", released(a_record(3, "k3")), 2, 3, Admission::kTaken},
      {"an older store was put back", a_record(1, "k1"), 3, 2, Admission::kTaken},
      {"certificates are made by others", a_record(0, ""), 0, 0, Admission::kTaken},
      {"before a token bound it anew", bound_at(a_record(4, "n"), 4), 3, 0, Admission::kSuperseded},
      {"quarantined", with(a_record(3, "k3"), Standing::kQuarantined), 3, 3,
       Admission::kQuarantined},
      {"quarantined and older", with(a_record(3, "k3"), Standing::kQuarantined), 2, 3,
       Admission::kQuarantined},
      {"revoked", with(released(a_record(3, "k3")), Standing::kRevoked), 3, 3, Admission::kRevoked},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(judge_report(one.host, one.generation, one.newest_seen), one.admission) << one.name;
  }
}

TEST(HostIdentity, ARebindingEndsWhatWasGivenBeforeAndAQuarantine) {
  IdentityRecord host = with(a_record(3, "k3"), Standing::kQuarantined);
  host.reason = "in use twice";
  host.since = kNow;
  const IdentityRecord bound = record_rebinding(host, "n", 5);
  EXPECT_EQ(bound.standing, Standing::kActive);
  EXPECT_EQ(bound.reason, "");
  EXPECT_EQ(bound.since, std::nullopt);
  // One with 5 reported, though the store, put back, knows 3 only.
  EXPECT_EQ(bound.generation, 6U);
  EXPECT_EQ(bound.least_generation, 6U);
  EXPECT_EQ(bound.key_sha256, "n");
}

// What a host has on its disk: key and certificate in one file, and the key it asks for.
struct Machine {
  uint64_t generation = 0;
  std::string key;
  std::optional<std::string> pending;
};

// The collector's record on its disk with the copies that backups keep of it, and the memory of a
// running collector.
class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    // A third of the hosts were enrolled when certificates were not counted.
    const bool counted = !one_in(3);
    const std::string key = new_key();
    if (counted) record_ = a_record(1, key);
    machine_ = {.generation = counted ? 1U : 0U, .key = key, .pending = std::nullopt};
  }

  bool one_in(unsigned count) { return random_() % count == 0; }
  size_t pick(size_t count) { return random_() % count; }
  std::string new_key() { return fmt::format("key{}", ++keys_); }

  // One try to renew, cut short at any step by a kill of either end or a lost answer.
  Kind renew(Machine& machine) {
    // Written down before anybody is asked.
    if (!machine.pending) machine.pending = new_key();
    if (one_in(8)) return Kind::kRefused;
    const std::string wanted = *machine.pending;
    const RenewalDecision decision =
        judge_renewal(record_, {machine.generation, machine.key}, wanted);
    // A kill before the commit.
    if (one_in(8)) return decision.kind;
    record_ = record_renewal(record_, decision, wanted, kNow);
    if (decision.kind != Kind::kAdvance && decision.kind != Kind::kRepeat) return decision.kind;
    // The answer is lost, or its reader is killed before it is written down.
    if (one_in(4)) return decision.kind;
    machine.generation = decision.generation;
    machine.key = wanted;
    // A kill between the new file and the end of the pending one.
    if (!one_in(6)) machine.pending.reset();
    return decision.kind;
  }

  // An agent at its start drops a pending key that it has got a certificate for.
  static void start_agent(Machine& machine) {
    if (machine.pending == machine.key) machine.pending.reset();
  }

  Admission report(const Machine& machine) {
    const Admission admission = judge_report(record_, machine.generation, newest_seen_);
    if (admission == Admission::kTaken) {
      newest_seen_ = std::max(newest_seen_, machine.generation);
    }
    return admission;
  }

  void back_up() { backups_.push_back(record_); }
  // Any copy, also a later one after an earlier one.
  void put_back() {
    if (backups_.empty()) return;
    const size_t which = pick(backups_.size());
    record_ = backups_[which];
    newest_seen_ = 0;
    older_than_this_ = which + 1;
  }
  void restart_collector() { newest_seen_ = 0; }
  void release() {
    record_.standing = Standing::kActive;
    record_.adopts_next = true;
  }
  // The host is set up again with a token that names it; the answer may be lost, and it is done
  // again. From then on nobody puts back a copy that is later than the store this was done with: it
  // knows another machine by the same number.
  void rebind(Machine& machine) {
    backups_.resize(std::min(backups_.size(), older_than_this_));
    do {
      const std::string key = new_key();
      record_ = record_rebinding(record_, key, newest_seen_);
      machine = {.generation = record_.generation, .key = key, .pending = std::nullopt};
    } while (one_in(4));
  }

  const IdentityRecord& record() const { return record_; }
  Machine& machine() { return machine_; }

 private:
  std::mt19937 random_;
  unsigned keys_ = 0;
  IdentityRecord record_;
  uint64_t newest_seen_ = 0;
  std::vector<IdentityRecord> backups_;
  // Of the copies, how many are not later than the one that was put back last.
  size_t older_than_this_ = SIZE_MAX;
  Machine machine_;
};

constexpr unsigned kStories = 4000;
constexpr int kSteps = 60;

TEST(HostIdentityStories, AHostThatIsAloneIsNeverCalledAClone) {
  uint64_t most = 0;
  for (unsigned seed = 0; seed < kStories; ++seed) {
    World world(seed);
    for (int step = 0; step < kSteps; ++step) {
      SCOPED_TRACE(fmt::format("story {}, step {}", seed, step));
      switch (world.pick(12)) {
        case 0:
          world.back_up();
          break;
        case 1:
          world.put_back();
          break;
        case 2:
          world.restart_collector();
          break;
        case 3:
          World::start_agent(world.machine());
          break;
        case 4:
          // Nobody needs to, and somebody does.
          if (world.one_in(4)) world.release();
          break;
        case 5:
          if (world.one_in(4)) world.rebind(world.machine());
          break;
        case 6:
        case 7:
          ASSERT_EQ(world.report(world.machine()), Admission::kTaken);
          break;
        default:
          world.renew(world.machine());
      }
      ASSERT_EQ(world.record().standing, Standing::kActive);
    }
    most = std::max(most, world.machine().generation);
  }
  // The stories went somewhere.
  EXPECT_GT(most, 15U);
}

TEST(HostIdentityStories, AHostThatIsAloneGetsItsCertificateAsSoonAsNothingIsLost) {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    World world(seed);
    for (int step = 0; step < 20; ++step) {
      if (world.one_in(5)) world.back_up();
      if (world.one_in(9)) world.put_back();
      world.renew(world.machine());
    }
    World::start_agent(world.machine());
    const Machine& machine = world.machine();
    const std::string wanted = machine.pending.value_or("the next");
    const Kind kind = judge_renewal(world.record(), {machine.generation, machine.key}, wanted).kind;
    EXPECT_TRUE(kind == Kind::kAdvance || kind == Kind::kRepeat) << seed;
  }
}

TEST(HostIdentityStories, OfTwoCopiesOneIsFoundOnceBothHaveAsked) {
  size_t found = 0;
  for (unsigned seed = 0; seed < kStories; ++seed) {
    World world(seed);
    for (int step = static_cast<int>(world.pick(10)); step > 0; --step)
      world.renew(world.machine());
    Machine copies[2] = {world.machine(), world.machine()};
    // Both have it, and may both get a certificate for it.
    const std::optional<std::string> shared = world.machine().pending;
    bool has_own[2] = {false, false};
    for (int step = 0; step < kSteps; ++step) {
      SCOPED_TRACE(fmt::format("story {}, step {}", seed, step));
      const size_t which = world.pick(2);
      Machine& machine = copies[which];
      if (world.one_in(6)) World::start_agent(machine);
      if (world.one_in(6)) world.restart_collector();
      const std::string before = world.record().key_sha256;
      const Kind kind = world.renew(machine);
      if (world.record().standing == Standing::kQuarantined) {
        EXPECT_EQ(kind, Kind::kClone);
        ++found;
        break;
      }
      const std::string& after = world.record().key_sha256;
      if (after != before && after != shared) has_own[which] = true;
      ASSERT_FALSE(has_own[0] && has_own[1]) << "each was given a certificate of its own";
    }
  }
  // In the rest one copy never asked, or was killed each time.
  EXPECT_GT(found, kStories * 95 / 100);
}

TEST(HostIdentityStories, AStorePutBackHidesACloneOnlyUntilBothHaveAskedAgain) {
  for (unsigned seed = 0; seed < kStories; ++seed) {
    World world(seed);
    Machine copies[2];
    for (int step = 0; step < 20; ++step) {
      if (world.one_in(4)) world.back_up();
      if (step == 10) copies[0] = copies[1] = world.machine();
      if (step < 10) {
        world.renew(world.machine());
      } else {
        // As far as each comes: what is found is released, or forgotten with the store put back.
        if (world.renew(copies[world.pick(2)]) == Kind::kClone) world.release();
        if (world.one_in(5)) world.put_back();
      }
    }
    copies[0].pending = world.new_key();
    copies[1].pending = world.new_key();
    world.release();
    // Nothing is lost from here on: each asks after the other, the first once more.
    bool was_found = false;
    IdentityRecord record = world.record();
    for (const size_t which : {0U, 1U, 0U}) {
      Machine& machine = copies[which];
      const std::string wanted = machine.pending.value_or(world.new_key());
      const RenewalDecision decision =
          judge_renewal(record, {machine.generation, machine.key}, wanted);
      if (decision.kind == Kind::kClone) was_found = true;
      record = record_renewal(record, decision, wanted, kNow);
      if (decision.kind != Kind::kAdvance && decision.kind != Kind::kRepeat) continue;
      machine = {.generation = decision.generation, .key = wanted, .pending = std::nullopt};
    }
    EXPECT_TRUE(was_found) << seed;
  }
}

TEST(HostIdentityStories, AReportOfTheOlderCopyIsRefusedOnceTheNewerHasReported) {
  World world(7);
  Machine older = world.machine();
  while (world.machine().generation == older.generation)
    world.renew(world.machine());
  EXPECT_EQ(world.report(older), Admission::kTaken);
  EXPECT_EQ(world.report(world.machine()), Admission::kTaken);
  EXPECT_EQ(world.report(older), Admission::kSuperseded);
  while (world.record().standing == Standing::kActive)
    world.renew(older);
  EXPECT_EQ(world.report(older), Admission::kQuarantined);
  EXPECT_EQ(world.report(world.machine()), Admission::kQuarantined);
}

}  // namespace
}  // namespace muster::collector

#include "collector/store/store_sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <latch>
#include <memory>
#include <utility>

#include "collector/store/store_schema.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
const std::string web1_id = "0123456789abcdef0123456789abcdef";

std::unique_ptr<StoreSqlite> open_store(const std::string& path) {
  absl::StatusOr<std::unique_ptr<StoreSqlite>> store = StoreSqlite::open({.path = path});
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

// Calls with a callback and waits for its answer.
template <typename Call>
absl::Status wait_for(const Call& call) {
  // Shared: it may be gone here before it is done there.
  auto promise = std::make_shared<std::promise<absl::Status>>();
  call([promise](absl::Status status) { promise->set_value(std::move(status)); });
  return promise->get_future().get();
}

HostRecord a_host(const std::string& id = web1_id, const std::string& name = "web1") {
  return {.id = id,
          .name = name,
          .labels = {{"role", "web"}, {"site", "berlin"}},
          .machine_id_hash = "cafe",
          .enrolled_at = kNow,
          .last_sync_at = std::nullopt};
}

absl::Status add_host(Store& store, const HostRecord& host) {
  return wait_for([&](Store::Done done) { store.add_host(host, std::move(done)); });
}

SectionRecord a_section(const std::string& probe, uint64_t sequence, const std::string& facts) {
  SectionRecord record;
  record.state.probe = probe;
  record.state.outcome = v1::OUTCOME_OBSERVED;
  record.state.looked_at = kNow;
  record.state.observed_at = kNow;
  record.state.facts_type = "muster.v1.HostFacts";
  record.state.facts = facts;
  record.state.digest = std::string(32, 'd');
  v1::Measurement measurement;
  measurement.set_name("duration_seconds");
  measurement.set_value(0.25);
  record.state.measurements = {measurement};
  record.sequence = sequence;
  return record;
}

SyncWrite a_write(uint64_t epoch, std::vector<SectionRecord> sections) {
  return {.host_id = web1_id,
          .epoch = epoch,
          .synced_at = kNow,
          .clock_offset_seconds = -0.5,
          .sections = std::move(sections)};
}

absl::Status commit(Store& store, const SyncWrite& write) {
  return wait_for([&](Store::Done done) { store.commit_sync(write, std::move(done)); });
}

TokenRecord a_token(uint32_t uses) {
  return {.sha256 = "aabb",
          .created_at = kNow,
          .expires_at = kNow + std::chrono::hours(1),
          .uses_left = uses,
          .labels = {{"role", "web"}}};
}

absl::StatusOr<TokenRecord> take(Store& store, const std::string& sha256, TimePoint now) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<TokenRecord>>>();
  store.take_token(sha256, now, [promise](absl::StatusOr<TokenRecord> token) {
    promise->set_value(std::move(token));
  });
  return promise->get_future().get();
}

// Keeps the store's thread in a callback until it is released, so that what follows waits in the
// queue. Made before the store: it must outlive the callback.
class Hold {
 public:
  ~Hold() { release(); }
  // Returns when the store's thread is in the callback.
  void take(Store& store, const HostRecord& host) {
    store.add_host(host, [this](const absl::Status&) {
      held_.count_down();
      released_.wait();
    });
    held_.wait();
  }
  void release() {
    if (!released_.try_wait()) released_.count_down();
  }

 private:
  std::latch held_{1};
  std::latch released_{1};
};

void run_sql(const std::string& path, const std::string& sql) {
  absl::StatusOr<std::unique_ptr<Database>> database = Database::open(path);
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE((*database)->execute(sql).ok());
}

absl::StatusOr<IdentityRecord> identity_in(Store& store, const std::string& id) {
  const auto hosts = store.load_hosts();
  if (!hosts.ok()) return hosts.status();
  for (const StoredHost& host : *hosts) {
    if (host.host.id == id) return host.host.identity;
  }
  return absl::NotFoundError(id);
}

IdentityRecord an_identity() {
  IdentityRecord identity;
  identity.standing = Standing::kQuarantined;
  identity.reason = "in use twice";
  identity.since = kNow;
  identity.generation = 18'000'000'000'000'000'000u;
  identity.key_sha256 = std::string("k\0ey", 4);
  identity.not_after = kNow + std::chrono::days(7);
  identity.ca_sha256 = "ca";
  identity.adopts_next = true;
  identity.least_generation = 4;
  return identity;
}

void expect_same(const IdentityRecord& found, const IdentityRecord& wanted) {
  EXPECT_EQ(found.standing, wanted.standing);
  EXPECT_EQ(found.reason, wanted.reason);
  EXPECT_EQ(found.since, wanted.since);
  EXPECT_EQ(found.generation, wanted.generation);
  EXPECT_EQ(found.key_sha256, wanted.key_sha256);
  EXPECT_EQ(found.not_after, wanted.not_after);
  EXPECT_EQ(found.ca_sha256, wanted.ca_sha256);
  EXPECT_EQ(found.adopts_next, wanted.adopts_next);
  EXPECT_EQ(found.least_generation, wanted.least_generation);
}

TEST(StoreSqlite, GivesBackAnIdentityAfterItIsReopened) {
  const test::TemporaryDirectory directory;
  HostRecord enrolled = a_host();
  enrolled.identity.generation = 1;
  enrolled.identity.key_sha256 = "first";
  {
    auto store = open_store(directory.file("store.db"));
    ASSERT_TRUE(add_host(*store, enrolled).ok());
  }
  {
    auto store = open_store(directory.file("store.db"));
    const auto identity = identity_in(*store, web1_id);
    ASSERT_TRUE(identity.ok()) << identity.status();
    expect_same(*identity, enrolled.identity);
    ASSERT_TRUE(wait_for([&](Store::Done done) {
                  store->put_identity(web1_id, an_identity(), std::move(done));
                }).ok());
  }
  auto store = open_store(directory.file("store.db"));
  const auto identity = identity_in(*store, web1_id);
  ASSERT_TRUE(identity.ok()) << identity.status();
  expect_same(*identity, an_identity());
}

TEST(StoreSqlite, RenamesAndRemovesHostsWithAllThatIsAboutThem) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  const std::string web2_id(32, '2');
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  ASSERT_TRUE(add_host(*store, a_host(web2_id, "web2")).ok());
  ASSERT_TRUE(commit(*store, a_write(1, {a_section("host", 1, "facts")})).ok());
  const auto rename = [&store](const std::string& id, const std::string& name) {
    return wait_for([&](Store::Done done) { store->rename_host(id, name, std::move(done)); });
  };
  EXPECT_TRUE(absl::IsAlreadyExists(rename(web1_id, "web2")));
  EXPECT_TRUE(absl::IsNotFound(rename(std::string(32, '3'), "web3")));
  EXPECT_TRUE(rename(web1_id, "db1").ok());
  ASSERT_EQ(store->load_hosts()->size(), 2u);
  EXPECT_EQ(store->load_hosts()->front().host.name, "db1");
  const auto remove = [&store](const std::string& id) {
    return wait_for([&](Store::Done done) { store->remove_host(id, std::move(done)); });
  };
  EXPECT_TRUE(remove(web1_id).ok());
  EXPECT_TRUE(absl::IsNotFound(remove(web1_id)));
  EXPECT_EQ(store->load_hosts()->size(), 1u);
  const auto put = [&store](const std::string& id) {
    return wait_for([&](Store::Done done) { store->put_identity(id, {}, std::move(done)); });
  };
  EXPECT_TRUE(absl::IsNotFound(put(web1_id)));
  // Nothing is left that a host with the same id would find.
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  EXPECT_EQ(store->load_hosts()->front().sections.size(), 0u);
  // A report that was on its way to a removed host.
  ASSERT_TRUE(remove(web1_id).ok());
  EXPECT_TRUE(absl::IsNotFound(commit(*store, a_write(1, {a_section("host", 2, "late")}))));
}

TEST(StoreSqlite, ATokenKeepsItsHostAndIsForgottenByTheBeginningOfItsDigest) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  TokenRecord token = a_token(3);
  token.sha256 = std::string(8, 'a') + std::string(56, '0');
  token.host = "web1";
  TokenRecord other = a_token(1);
  other.sha256 = std::string(8, 'b') + std::string(56, '0');
  for (const TokenRecord& one : {token, other}) {
    ASSERT_TRUE(wait_for([&](Store::Done done) { store->put_token(one, std::move(done)); }).ok());
  }
  EXPECT_EQ(take(*store, token.sha256, kNow)->host, "web1");
  EXPECT_EQ(take(*store, other.sha256, kNow)->host, "");
  const auto revoke = [&store](const std::string& id) {
    return wait_for([&](Store::Done done) { store->revoke_token(id, std::move(done)); });
  };
  EXPECT_TRUE(revoke("aaaaaaaa").ok());
  EXPECT_TRUE(absl::IsNotFound(revoke("aaaaaaaa")));
  EXPECT_TRUE(absl::IsNotFound(take(*store, token.sha256, kNow).status()));
  EXPECT_EQ(store->load_tokens()->size(), 1u);
}

TEST(StoreSqlite, GivesBackEverythingAfterItIsReopened) {
  const test::TemporaryDirectory directory;
  const policy::FirstSeen first_seen = {{{"", "updates", "openssl"}, kNow},
                                        {{"", "certificates", "/etc/a.pem#0"}, kNow}};
  {
    auto store = open_store(directory.file("store.db"));
    ASSERT_TRUE(add_host(*store, a_host()).ok());
    ASSERT_TRUE(commit(*store, a_write(18'000'000'000'000'000'000u,
                                       {a_section("host", 7, std::string("fa\0cts", 6)),
                                        a_section("certificates", 1, "")}))
                    .ok());
    ASSERT_TRUE(wait_for([&](Store::Done done) {
                  store->put_first_seen(web1_id, first_seen, std::move(done));
                }).ok());
    ASSERT_TRUE(
        wait_for([&](Store::Done done) { store->put_token(a_token(3), std::move(done)); }).ok());
  }
  auto store = open_store(directory.file("store.db"));
  const auto hosts = store->load_hosts();
  ASSERT_TRUE(hosts.ok()) << hosts.status();
  ASSERT_EQ(hosts->size(), 1u);
  const StoredHost& host = hosts->front();
  EXPECT_EQ(host.host.id, web1_id);
  EXPECT_EQ(host.host.name, "web1");
  EXPECT_EQ(host.host.labels, a_host().labels);
  EXPECT_EQ(host.host.machine_id_hash, "cafe");
  EXPECT_EQ(host.host.enrolled_at, kNow);
  EXPECT_EQ(host.host.last_sync_at, kNow);
  EXPECT_EQ(host.host.epoch, 18'000'000'000'000'000'000u);
  EXPECT_EQ(host.host.clock_offset_seconds, -0.5);
  EXPECT_EQ(host.first_seen, first_seen);
  ASSERT_EQ(host.sections.size(), 2u);
  const SectionRecord& section = host.sections[1];
  EXPECT_EQ(section.state.probe, "host");
  EXPECT_EQ(section.sequence, 7u);
  EXPECT_EQ(section.state.outcome, v1::OUTCOME_OBSERVED);
  EXPECT_EQ(section.state.looked_at, kNow);
  EXPECT_EQ(section.state.observed_at, kNow);
  EXPECT_EQ(section.state.facts, std::string("fa\0cts", 6));
  EXPECT_EQ(section.state.facts_type, "muster.v1.HostFacts");
  EXPECT_EQ(section.state.digest, std::string(32, 'd'));
  ASSERT_EQ(section.state.measurements.size(), 1u);
  EXPECT_EQ(section.state.measurements[0].value(), 0.25);

  const auto tokens = store->load_tokens();
  ASSERT_TRUE(tokens.ok());
  ASSERT_EQ(tokens->size(), 1u);
  EXPECT_EQ(tokens->front().uses_left, 3u);
  EXPECT_EQ(tokens->front().labels, a_token(3).labels);
}

TEST(StoreSqlite, RefusesAHostWhoseIdOrNameIsTaken) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  ASSERT_TRUE(add_host(*store, a_host("a", "web1")).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(add_host(*store, a_host("b", "web1"))));
  EXPECT_TRUE(absl::IsAlreadyExists(add_host(*store, a_host("a", "web2"))));
  EXPECT_TRUE(add_host(*store, a_host("b", "web2")).ok());
}

TEST(StoreSqlite, RefusesASyncOfAHostThatIsNotThere) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  EXPECT_TRUE(absl::IsNotFound(commit(*store, a_write(1, {a_section("host", 1, "x")}))));
  EXPECT_TRUE(store->load_hosts()->empty());
}

TEST(StoreSqlite, ReplacesASectionByALaterVersionAndNeverByAnEarlierOne) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  ASSERT_TRUE(commit(*store, a_write(1, {a_section("host", 5, "five")})).ok());
  ASSERT_TRUE(commit(*store, a_write(1, {a_section("host", 4, "four")})).ok());
  EXPECT_EQ(store->load_hosts()->front().sections.front().state.facts, "five");
  ASSERT_TRUE(commit(*store, a_write(1, {a_section("host", 6, "six")})).ok());
  EXPECT_EQ(store->load_hosts()->front().sections.front().state.facts, "six");
}

TEST(StoreSqlite, BeginsSequencesAnewWithALaterEpochAndRefusesAnEarlierOne) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  ASSERT_TRUE(
      commit(*store, a_write(1, {a_section("host", 5, "old"), a_section("agent", 9, "kept")}))
          .ok());
  ASSERT_TRUE(commit(*store, a_write(2, {a_section("host", 1, "new")})).ok());
  const StoredHost host = store->load_hosts()->front();
  EXPECT_EQ(host.host.epoch, 2u);
  EXPECT_EQ(host.sections[0].state.facts, "kept");
  EXPECT_EQ(host.sections[0].sequence, 0u);
  EXPECT_EQ(host.sections[1].state.facts, "new");
  EXPECT_TRUE(absl::IsAborted(commit(*store, a_write(1, {a_section("host", 9, "late")}))));
}

TEST(StoreSqlite, MovesTimesOfSectionsThatAreStillAtTheirSequence) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  ASSERT_TRUE(
      commit(*store, a_write(1, {a_section("agent", 2, "a"), a_section("host", 5, "h")})).ok());
  const TimePoint later = kNow + std::chrono::seconds(30);
  SyncWrite times = a_write(1, {a_section("agent", 1, ""), a_section("host", 5, "")});
  times.synced_at = later;
  for (SectionRecord& section : times.sections) {
    section.state.looked_at = later;
    section.state.measurements.clear();
  }
  ASSERT_TRUE(
      wait_for([&](Store::Done done) { store->commit_times({times}, std::move(done)); }).ok());
  const StoredHost host = store->load_hosts()->front();
  EXPECT_EQ(host.host.last_sync_at, later);
  EXPECT_EQ(host.sections[0].state.looked_at, kNow);
  EXPECT_EQ(host.sections[1].state.looked_at, later);
  EXPECT_TRUE(host.sections[1].state.measurements.empty());
  EXPECT_EQ(host.sections[1].state.facts, "h");
}

TEST(StoreSqlite, WritesTheTimesOfAWholeFleetAndAnswersOnce) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  std::vector<SyncWrite> writes;
  for (int i = 0; i < 250; ++i) {
    store->add_host(a_host(fmt::format("id{}", i), fmt::format("name{}", i)),
                    [](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
    writes.push_back(a_write(0, {}));
    writes.back().host_id = fmt::format("id{}", i);
  }
  ASSERT_TRUE(
      wait_for([&](Store::Done done) { store->commit_times(writes, std::move(done)); }).ok());
  const auto hosts = store->load_hosts();
  ASSERT_EQ(hosts->size(), 250u);
  for (const StoredHost& host : *hosts)
    EXPECT_EQ(host.host.last_sync_at, kNow) << host.host.id;
  EXPECT_TRUE(wait_for([&](Store::Done done) { store->commit_times({}, std::move(done)); }).ok());
}

TEST(StoreSqlite, CallsBackInTheOrderOfTheCallsAndGroupsWhatWaits) {
  const test::TemporaryDirectory directory;
  std::atomic<size_t> commits = 0;
  Hold hold;
  auto opened = StoreSqlite::open(
      {.path = directory.file("store.db"), .on_commit = [&](auto, size_t) { ++commits; }});
  ASSERT_TRUE(opened.ok());
  std::vector<int> order;
  {
    auto store = *std::move(opened);
    hold.take(*store, a_host("first", "first"));
    for (int i = 0; i < 450; ++i) {
      store->add_host(a_host(fmt::format("id{}", i), fmt::format("name{}", i)),
                      [&order, i](const absl::Status& status) {
                        EXPECT_TRUE(status.ok()) << status;
                        order.push_back(i);
                      });
    }
    hold.release();
  }
  ASSERT_EQ(order.size(), 450u);
  for (int i = 0; i < 450; ++i)
    EXPECT_EQ(order[static_cast<size_t>(i)], i);
  // The first alone, then 200, 200 and 50.
  EXPECT_EQ(commits, 4u);
}

TEST(StoreSqlite, WaitsALittleForWhatCanBeCommittedWithTheFirst) {
  const test::TemporaryDirectory directory;
  std::vector<size_t> groups;
  auto opened =
      StoreSqlite::open({.path = directory.file("store.db"),
                         .gather = std::chrono::hours(1),
                         .on_commit = [&](auto, size_t size) { groups.push_back(size); }});
  ASSERT_TRUE(opened.ok());
  std::promise<void> last;
  size_t answers = 0;
  {
    auto store = *std::move(opened);
    for (int i = 0; i < 200; ++i) {
      store->commit_times({}, [&](const absl::Status&) {
        if (++answers == 200) last.set_value();
      });
    }
    // A group that is full does not wait, and neither does one when the store stops.
    last.get_future().wait();
    store->commit_times({}, [&answers](const absl::Status&) { ++answers; });
  }
  EXPECT_THAT(groups, ElementsAre(200u, 1u));
  EXPECT_EQ(answers, 201u);
}

TEST(StoreSqlite, AFailingOperationDoesNotFailItsNeighbours) {
  const test::TemporaryDirectory directory;
  Hold hold;
  std::vector<std::string> results;
  auto store = open_store(directory.file("store.db"));
  hold.take(*store, a_host("id", "web1"));
  const auto note = [&results](const absl::Status& status) {
    results.emplace_back(absl::StatusCodeToString(status.code()));
  };
  store->add_host(a_host("x", "web2"), note);
  store->add_host(a_host("y", "web2"), note);
  store->add_host(a_host("z", "web3"), note);
  hold.release();
  const auto hosts = store->load_hosts();
  EXPECT_THAT(results, ElementsAre("OK", "ALREADY_EXISTS", "OK"));
  EXPECT_EQ(hosts->size(), 3u);
}

TEST(StoreSqlite, ASingleUseTokenIsTakenExactlyOnceByAThousand) {
  const test::TemporaryDirectory directory;
  std::atomic<int> won = 0;
  std::atomic<int> lost = 0;
  {
    auto store = open_store(directory.file("store.db"));
    ASSERT_TRUE(
        wait_for([&](Store::Done done) { store->put_token(a_token(1), std::move(done)); }).ok());
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&store, &won, &lost] {
        for (int i = 0; i < 250; ++i) {
          store->take_token("aabb", kNow, [&won, &lost](const absl::StatusOr<TokenRecord>& token) {
            if (token.ok()) {
              ++won;
            } else if (absl::IsFailedPrecondition(token.status())) {
              ++lost;
            }
          });
        }
      });
    }
    for (std::thread& thread : threads)
      thread.join();
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 999);
}

TEST(StoreSqlite, ATokenTellsItsLabelsAndWhyItCannotBeTaken) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  ASSERT_TRUE(
      wait_for([&](Store::Done done) { store->put_token(a_token(2), std::move(done)); }).ok());
  const auto token = take(*store, "aabb", kNow);
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->labels, a_token(2).labels);
  EXPECT_EQ(token->uses_left, 1u);
  EXPECT_TRUE(absl::IsNotFound(take(*store, "ccdd", kNow).status()));
  EXPECT_TRUE(
      absl::IsDeadlineExceeded(take(*store, "aabb", kNow + std::chrono::hours(1)).status()));
  EXPECT_EQ(take(*store, "aabb", kNow)->uses_left, 0u);
  EXPECT_TRUE(absl::IsFailedPrecondition(take(*store, "aabb", kNow).status()));
}

TEST(StoreSqlite, RefusesAStoreThatANewerBuildWrote) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  open_store(path).reset();
  run_sql(path, "PRAGMA user_version = 1000");
  const absl::Status status = StoreSqlite::open({.path = path}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("schema version 1000"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("a newer muster-collector wrote it"));
}

TEST(StoreSqlite, RefusesTheDatabaseOfAnotherProgram) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  run_sql(path, "CREATE TABLE songs (title TEXT)");
  const absl::Status status = StoreSqlite::open({.path = path}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("another program"));
}

TEST(StoreSqlite, RefusesToShareItsFileWithAnotherProcess) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  const auto first = open_store(path);
  const absl::Status status = StoreSqlite::open({.path = path}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("in use by another muster-collector"));
}

TEST(StoreSqlite, SaysThatAFileIsDamagedAndWhatToDo) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  std::ofstream(path) << std::string(8192, 'x');
  const absl::Status status = StoreSqlite::open({.path = path}).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("damaged"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("backup"));
}

TEST(StoreSqlite, SaysThatAPageInTheMiddleIsDamaged) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  {
    auto store = open_store(path);
    ASSERT_TRUE(add_host(*store, a_host()).ok());
    ASSERT_TRUE(commit(*store, a_write(1, {a_section("host", 1, std::string(100'000, 'f'))})).ok());
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(60'000, '\xff');
  }
  auto store = StoreSqlite::open({.path = path});
  const absl::Status status = store.ok() ? (*store)->load_hosts().status() : store.status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

TEST(StoreSqlite, RefusesWhatDoesNotFitOnTheDiskAndGoesOnByItself) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  auto opened = StoreSqlite::open({.path = path, .max_pages = 60});
  ASSERT_TRUE(opened.ok()) << opened.status();
  auto store = *std::move(opened);
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  ASSERT_TRUE(commit(*store, a_write(1, {a_section("host", 1, "small")})).ok());

  const absl::Status status =
      commit(*store, a_write(1, {a_section("host", 2, std::string(400'000, 'f'))}));
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(store->load_hosts()->front().sections.front().sequence, 1u);

  EXPECT_TRUE(commit(*store, a_write(1, {a_section("host", 2, "smaller")})).ok());
  EXPECT_EQ(store->load_hosts()->front().sections.front().state.facts, "smaller");
}

TEST(StoreSqlite, AFullDiskFailsOnlyTheOperationsThatDoNotFit) {
  const test::TemporaryDirectory directory;
  auto opened = StoreSqlite::open({.path = directory.file("store.db"), .max_pages = 60});
  ASSERT_TRUE(opened.ok());
  Hold hold;
  std::vector<std::string> results;
  auto store = *std::move(opened);
  hold.take(*store, a_host());
  const auto note = [&results](const absl::Status& status) {
    results.emplace_back(absl::StatusCodeToString(status.code()));
  };
  store->commit_sync(a_write(1, {a_section("agent", 1, "small")}), note);
  store->commit_sync(a_write(1, {a_section("host", 1, std::string(400'000, 'f'))}), note);
  store->commit_sync(a_write(1, {a_section("certificates", 1, "small")}), note);
  hold.release();
  EXPECT_EQ(store->load_hosts()->front().sections.size(), 2u);
  EXPECT_THAT(results, ElementsAre("OK", "RESOURCE_EXHAUSTED", "OK"));
}

TEST(StoreSqlite, WhatComesAfterCallbacksComesAfterAllOfTheirCommit) {
  const test::TemporaryDirectory directory;
  Hold hold;
  std::vector<std::string> order;
  {
    const auto store = open_store(directory.file("store.db"));
    hold.take(*store, a_host());
    for (const std::string name : {"a", "b"}) {
      store->commit_times({}, [&order, &store = *store, name](const absl::Status&) {
        order.push_back(name);
        store.after_callbacks([&order, name] { order.push_back("after " + name); });
      });
    }
    hold.release();
  }
  EXPECT_THAT(order, ElementsAre("a", "b", "after a", "after b"));
}

TEST(StoreSqlite, RefusesAtOnceWhatTheQueueCannotHold) {
  const test::TemporaryDirectory directory;
  auto opened = StoreSqlite::open(
      {.path = directory.file("store.db"), .queue_operations = 3, .queue_bytes = 1'000'000});
  ASSERT_TRUE(opened.ok());
  Hold hold;
  std::vector<absl::Status> refused;
  auto store = *std::move(opened);
  hold.take(*store, a_host());
  const auto note = [&refused](const absl::Status& status) {
    if (!status.ok()) refused.push_back(status);
  };
  for (uint64_t i = 1; i <= 3; ++i)
    store->commit_sync(a_write(1, {a_section("host", i, "")}), note);
  EXPECT_TRUE(refused.empty());
  EXPECT_EQ(store->load(), 1.0);
  store->commit_sync(a_write(1, {a_section("host", 9, "")}), note);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_TRUE(absl::IsUnavailable(refused.front())) << refused.front();
  EXPECT_THAT(std::string(refused.front().message()), HasSubstr("3 writes"));
  hold.release();
}

TEST(StoreSqlite, ItsThreadAnswersOnceItIsThroughWithWhatItDoes) {
  const test::TemporaryDirectory directory;
  const auto store = open_store(directory.file("store.db"));
  std::promise<void> idle;
  store->answer([&idle] { idle.set_value(); });
  idle.get_future().wait();
  // Stuck, as in a write that the disk never ends.
  std::latch stuck(1);
  std::latch go_on(1);
  store->add_host(a_host(), [&](const absl::Status&) {
    stuck.count_down();
    go_on.wait();
  });
  stuck.wait();
  std::promise<void> answered;
  std::future<void> answer = answered.get_future();
  store->answer([&answered] { answered.set_value(); });
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  go_on.count_down();
  answer.wait();
}

TEST(StoreSqlite, BoundsTheBytesOfItsQueueToo) {
  const test::TemporaryDirectory directory;
  auto opened = StoreSqlite::open({.path = directory.file("store.db"), .queue_bytes = 10'000});
  ASSERT_TRUE(opened.ok());
  Hold hold;
  absl::Status second;
  auto store = *std::move(opened);
  hold.take(*store, a_host());
  store->commit_sync(a_write(1, {a_section("host", 1, std::string(6000, 'x'))}),
                     [](const absl::Status&) {});
  store->commit_sync(a_write(1, {a_section("host", 2, std::string(6000, 'x'))}),
                     [&second](const absl::Status& status) { second = status; });
  EXPECT_TRUE(absl::IsUnavailable(second)) << second;
  hold.release();
}

TEST(StoreSqlite, CopiesItsLogIntoTheFileSoThatItStaysSmall) {
  const test::TemporaryDirectory directory;
  absl::StatusOr<std::unique_ptr<StoreSqlite>> store =
      StoreSqlite::open({.path = directory.file("store.db"), .checkpoint_pages = 20});
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(add_host(**store, a_host()).ok());
  constexpr size_t kFacts = 40'000;
  for (uint64_t sequence = 1; sequence <= 30; ++sequence) {
    const std::string facts(kFacts, static_cast<char>('a' + sequence % 26));
    ASSERT_TRUE(commit(**store, a_write(1, {a_section("host", sequence, facts)})).ok());
  }
  // A few commits long, not thirty.
  EXPECT_LT(std::filesystem::file_size(directory.file("store.db-wal")), 5 * kFacts);
}

TEST(StoreSqlite, KeepsItsFilesFromOtherUsers) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  auto store = open_store(path);
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  for (const char* suffix : {"", "-wal", ".lock"}) {
    const auto permissions = std::filesystem::status(path + suffix).permissions();
    EXPECT_EQ(permissions & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << suffix;
  }
  EXPECT_GT(store->size_bytes(), 4096u);
}

TEST(StoreSqlite, ForgetsTokensADayAfterTheyExpired) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  ASSERT_TRUE(
      wait_for([&](Store::Done done) { store->put_token(a_token(1), std::move(done)); }).ok());
  TokenRecord newer = a_token(1);
  newer.sha256 = "newer";
  newer.created_at = kNow + std::chrono::hours(26);
  newer.expires_at = kNow + std::chrono::hours(27);
  ASSERT_TRUE(wait_for([&](Store::Done done) { store->put_token(newer, std::move(done)); }).ok());
  const auto tokens = store->load_tokens();
  ASSERT_EQ(tokens->size(), 1u);
  EXPECT_EQ(tokens->front().sha256, "newer");
}

}  // namespace
}  // namespace muster::collector

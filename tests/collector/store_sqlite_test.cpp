// What the store keeps of hosts, their reports and tokens.
#include "collector/store/store_sqlite.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <utility>

#include "tests/collector/store_fixture.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using story::kNow;
using story::kWeb1;
using story::wait_for;

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
    const auto identity = identity_in(*store, kWeb1);
    ASSERT_TRUE(identity.ok()) << identity.status();
    expect_same(*identity, enrolled.identity);
    ASSERT_TRUE(wait_for([&](Store::Done done) {
                  store->put_identity(kWeb1, an_identity(), std::move(done));
                }).ok());
  }
  auto store = open_store(directory.file("store.db"));
  const auto identity = identity_in(*store, kWeb1);
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
  EXPECT_TRUE(absl::IsAlreadyExists(rename(kWeb1, "web2")));
  EXPECT_TRUE(absl::IsNotFound(rename(std::string(32, '3'), "web3")));
  EXPECT_TRUE(rename(kWeb1, "db1").ok());
  ASSERT_EQ(store->load_hosts()->size(), 2u);
  EXPECT_EQ(store->load_hosts()->front().host.name, "db1");
  const auto remove = [&store](const std::string& id) {
    return wait_for([&](Store::Done done) { store->remove_host(id, std::move(done)); });
  };
  EXPECT_TRUE(remove(kWeb1).ok());
  EXPECT_TRUE(absl::IsNotFound(remove(kWeb1)));
  EXPECT_EQ(store->load_hosts()->size(), 1u);
  const auto put = [&store](const std::string& id) {
    return wait_for([&](Store::Done done) { store->put_identity(id, {}, std::move(done)); });
  };
  EXPECT_TRUE(absl::IsNotFound(put(kWeb1)));
  // Nothing is left that a host with the same id would find.
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  EXPECT_EQ(store->load_hosts()->front().sections.size(), 0u);
  // A report that was on its way to a removed host.
  ASSERT_TRUE(remove(kWeb1).ok());
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
                  store->put_first_seen(kWeb1, first_seen, std::move(done));
                }).ok());
    ASSERT_TRUE(
        wait_for([&](Store::Done done) { store->put_token(a_token(3), std::move(done)); }).ok());
  }
  auto store = open_store(directory.file("store.db"));
  const auto hosts = store->load_hosts();
  ASSERT_TRUE(hosts.ok()) << hosts.status();
  ASSERT_EQ(hosts->size(), 1u);
  const StoredHost& host = hosts->front();
  EXPECT_EQ(host.host.id, kWeb1);
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

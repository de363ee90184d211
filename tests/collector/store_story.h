// A story of writes to a store, step by step, and the model of what must be there after each: the
// tests that make steps fail or kill the process in one check the store against it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/store/store_sqlite.h"

namespace muster::collector::story {

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
inline constexpr const char* kWeb1 = "0123456789abcdef0123456789abcdef";
inline constexpr const char* kWeb2 = "fedcba9876543210fedcba9876543210";

// What a store holds, as text that can be compared and shown.
using Content = std::set<std::string>;

// Calls with a callback and waits for its answer.
template <typename Call>
absl::Status wait_for(const Call& call) {
  // Shared: it may be gone here before it is done there.
  auto promise = std::make_shared<std::promise<absl::Status>>();
  call([promise](absl::Status status) { promise->set_value(std::move(status)); });
  return promise->get_future().get();
}

struct Step {
  std::string name;
  std::function<absl::Status(Store&)> run;
  // Changes the model as the step must change the store.
  std::function<void(Content&)> apply;
};

// Facts of several pages, other ones for each version.
inline std::string facts_of(const std::string& probe, uint64_t sequence, size_t size) {
  std::string facts = fmt::format("{} {} ", probe, sequence);
  while (facts.size() < size)
    facts += static_cast<char>('a' + facts.size() * 7 % 26);
  return facts;
}

inline std::string section_line(const std::string& host, const std::string& probe,
                                uint64_t sequence, const std::string& facts) {
  return fmt::format("section {} {} {} {}", host, probe, sequence, std::hash<std::string>()(facts));
}

inline SyncWrite a_write(const std::string& host, const std::string& probe, uint64_t sequence,
                         size_t size) {
  SectionRecord record;
  record.state.probe = probe;
  record.state.outcome = v1::OUTCOME_OBSERVED;
  record.state.looked_at = kNow;
  record.state.observed_at = kNow;
  record.state.facts_type = "muster.v1.HostFacts";
  record.state.facts = facts_of(probe, sequence, size);
  record.state.digest = std::string(32, 'd');
  record.sequence = sequence;
  return {.host_id = host, .epoch = 1, .synced_at = kNow, .sections = {record}};
}

inline Step add_host(const std::string& id, const std::string& name) {
  return {.name = "add " + name,
          .run =
              [=](Store& store) {
                HostRecord host{.id = id,
                                .name = name,
                                .labels = {{"role", "web"}},
                                .machine_id_hash = "cafe",
                                .enrolled_at = kNow,
                                .last_sync_at = std::nullopt};
                return wait_for([&](Store::Done done) { store.add_host(host, std::move(done)); });
              },
          .apply = [=](Content& content) { content.insert("host " + name); }};
}

inline std::string identity_line(const std::string& host, const IdentityRecord& identity) {
  return fmt::format("identity {} {} {} {}", host, static_cast<int>(identity.standing),
                     identity.generation, identity.key_sha256);
}

inline void forget(Content& content, const std::string& beginning) {
  std::erase_if(content,
                [&](const std::string& line) { return line.starts_with(beginning + " "); });
}

inline Step put_identity(const std::string& host, Standing standing, uint64_t generation) {
  IdentityRecord identity;
  identity.standing = standing;
  identity.generation = generation;
  identity.key_sha256 = fmt::format("key {}", generation);
  return {.name = fmt::format("identity {}", generation),
          .run =
              [=](Store& store) {
                return wait_for(
                    [&](Store::Done done) { store.put_identity(host, identity, std::move(done)); });
              },
          .apply =
              [=](Content& content) {
                forget(content, "identity " + host);
                content.insert(identity_line(host, identity));
              }};
}

inline Step rename_host(const std::string& host, const std::string& before,
                        const std::string& name) {
  return {.name = "rename to " + name,
          .run =
              [=](Store& store) {
                return wait_for(
                    [&](Store::Done done) { store.rename_host(host, name, std::move(done)); });
              },
          .apply =
              [=](Content& content) {
                content.erase("host " + before);
                content.insert("host " + name);
              }};
}

inline Step remove_host(const std::string& host, const std::string& name) {
  return {
      .name = "remove " + name,
      .run =
          [=](Store& store) {
            return wait_for([&](Store::Done done) { store.remove_host(host, std::move(done)); });
          },
      .apply =
          [=](Content& content) {
            content.erase("host " + name);
            for (const char* kind : {"identity ", "section ", "first_seen "})
              forget(content, kind + host);
          }};
}

inline Step revoke_token(const std::string& sha256) {
  return {
      .name = "revoke token " + sha256,
      .run =
          [=](Store& store) {
            return wait_for([&](Store::Done done) { store.revoke_token(sha256, std::move(done)); });
          },
      .apply = [=](Content& content) { forget(content, "token " + sha256); }};
}

inline Step sync(const std::string& host, const std::string& probe, uint64_t sequence,
                 size_t size) {
  return {
      .name = fmt::format("sync {} {}", probe, sequence),
      .run =
          [=](Store& store) {
            return wait_for([&](Store::Done done) {
              store.commit_sync(a_write(host, probe, sequence, size), std::move(done));
            });
          },
      .apply =
          [=](Content& content) {
            std::erase_if(content, [&](const std::string& line) {
              return line.starts_with(fmt::format("section {} {} ", host, probe));
            });
            content.insert(section_line(host, probe, sequence, facts_of(probe, sequence, size)));
          }};
}

inline void set_token(Content& content, const std::string& sha256, uint32_t uses) {
  std::erase_if(content, [&](const std::string& line) {
    return line.starts_with(fmt::format("token {} ", sha256));
  });
  content.insert(fmt::format("token {} {}", sha256, uses));
}

inline Step put_token(const std::string& sha256, uint32_t uses) {
  return {.name = "put token " + sha256,
          .run =
              [=](Store& store) {
                const TokenRecord token{.sha256 = sha256,
                                        .created_at = kNow,
                                        .expires_at = kNow + std::chrono::hours(1),
                                        .uses_left = uses,
                                        .labels = {{"role", "web"}}};
                return wait_for([&](Store::Done done) { store.put_token(token, std::move(done)); });
              },
          .apply = [=](Content& content) { set_token(content, sha256, uses); }};
}

inline absl::Status take(Store& store, const std::string& sha256) {
  return wait_for([&](const Store::Done& done) {
    store.take_token(sha256, kNow,
                     [done](const absl::StatusOr<TokenRecord>& token) { done(token.status()); });
  });
}

inline Step take_token(const std::string& sha256, uint32_t left) {
  return {.name = "take token " + sha256,
          .run = [=](Store& store) { return take(store, sha256); },
          .apply = [=](Content& content) { set_token(content, sha256, left); }};
}

inline Step first_seen(const std::string& host, const std::string& subject) {
  return {.name = "first seen " + subject,
          .run =
              [=](Store& store) {
                const policy::FirstSeen memory = {{{"", "updates", subject}, kNow}};
                return wait_for(
                    [&](Store::Done done) { store.put_first_seen(host, memory, std::move(done)); });
              },
          .apply =
              [=](Content& content) {
                std::erase_if(content, [&](const std::string& line) {
                  return line.starts_with(fmt::format("first_seen {} ", host));
                });
                content.insert(fmt::format("first_seen {} {}", host, subject));
              }};
}

// Every kind of write, some of several pages, and enough of them for checkpoints in between.
inline std::vector<Step> the_story() {
  return {add_host(kWeb1, "web1"),
          put_token("single", 1),
          put_token("thrice", 3),
          sync(kWeb1, "host", 1, 9'000),
          take_token("single", 0),
          sync(kWeb1, "host", 2, 30'000),
          first_seen(kWeb1, "openssl"),
          take_token("thrice", 2),
          add_host(kWeb2, "web2"),
          sync(kWeb1, "certificates", 1, 100),
          sync(kWeb2, "host", 1, 5'000),
          first_seen(kWeb1, "curl"),
          sync(kWeb1, "host", 3, 2'000),
          take_token("thrice", 1),
          put_identity(kWeb1, Standing::kActive, 2),
          rename_host(kWeb2, "web2", "db2"),
          put_identity(kWeb1, Standing::kQuarantined, 2),
          remove_host(kWeb2, "db2"),
          revoke_token("thrice")};
}

inline absl::StatusOr<std::unique_ptr<StoreSqlite>> open_store(const std::string& directory) {
  return StoreSqlite::open({.path = directory + "/store.db", .checkpoint_pages = 8});
}

// Everything that the store holds. A row that is there twice fails the test.
inline Content content_of(StoreSqlite& store) {
  Content content;
  const auto add = [&content](const std::string& line) {
    EXPECT_TRUE(content.insert(line).second) << line << " is there twice";
  };
  const absl::StatusOr<std::vector<StoredHost>> hosts = store.load_hosts();
  EXPECT_TRUE(hosts.ok()) << hosts.status();
  if (!hosts.ok()) return content;
  for (const StoredHost& host : *hosts) {
    add("host " + host.host.name);
    if (host.host.identity.generation != 0) {
      add(identity_line(host.host.id, host.host.identity));
    }
    for (const SectionRecord& section : host.sections) {
      add(section_line(host.host.id, section.state.probe, section.sequence, section.state.facts));
    }
    for (const auto& [key, since] : host.first_seen)
      add(fmt::format("first_seen {} {}", host.host.id, key.subject));
  }
  const absl::StatusOr<std::vector<TokenRecord>> tokens = store.load_tokens();
  EXPECT_TRUE(tokens.ok()) << tokens.status();
  if (!tokens.ok()) return content;
  for (const TokenRecord& token : *tokens)
    add(fmt::format("token {} {}", token.sha256, token.uses_left));
  return content;
}

// What must be there when the first `count` steps are done.
inline Content content_after(const std::vector<Step>& steps, size_t count) {
  Content content;
  for (size_t i = 0; i < count; ++i)
    steps[i].apply(content);
  return content;
}

}  // namespace muster::collector::story

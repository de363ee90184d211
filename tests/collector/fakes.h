// A clock in the hand, and a store in memory that answers at once or when told.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collector/store/store.h"
#include "tests/common/fake_clock.h"

namespace muster::collector {

using test::FakeClock;

class FakeStore : public Store {
 public:
  absl::StatusOr<std::vector<StoredHost>> load_hosts() override {
    return std::vector<StoredHost>();
  }
  absl::StatusOr<std::vector<TokenRecord>> load_tokens() override {
    std::vector<TokenRecord> all;
    for (const auto& [digest, token] : tokens)
      all.push_back(token);
    return all;
  }
  void list_tokens(TokensDone done) override { done(load_tokens()); }
  void add_host(HostRecord host, Done done) override {
    if (status.ok()) hosts.push_back(std::move(host));
    done(status);
  }
  void put_identity(std::string host_id, IdentityRecord identity, Done done) override {
    if (status.ok()) identities[host_id] = std::move(identity);
    done(status);
  }
  void rename_host(std::string host_id, std::string name, Done done) override {
    if (status.ok()) names[host_id] = std::move(name);
    done(status);
  }
  void remove_host(std::string host_id, Done done) override {
    if (status.ok()) removed.push_back(std::move(host_id));
    done(status);
  }
  void commit_sync(SyncWrite write, Done done) override {
    if (status.ok()) syncs.push_back(std::move(write));
    done(status);
  }
  void commit_times(std::vector<SyncWrite> /*writes*/, Done done) override { done(status); }
  void put_first_seen(std::string host_id, policy::FirstSeen seen, Done done) override {
    if (status.ok()) first_seen[host_id] = std::move(seen);
    done(status);
  }
  void put_token(TokenRecord token, Done done) override {
    if (status.ok()) tokens[token.sha256] = std::move(token);
    done(status);
  }
  void take_token(std::string sha256, TimePoint now, TokenDone done) override {
    const auto token = tokens.find(sha256);
    if (token == tokens.end()) return done(absl::NotFoundError("unknown"));
    if (now >= token->second.expires_at) return done(absl::DeadlineExceededError("expired"));
    if (token->second.uses_left == 0) return done(absl::FailedPreconditionError("used up"));
    --token->second.uses_left;
    done(token->second);
  }
  void revoke_token(std::string id, Done done) override {
    const auto begins_so = [&id](const auto& token) { return token.first.starts_with(id); };
    done(std::erase_if(tokens, begins_so) > 0 ? status : absl::NotFoundError("unknown"));
  }
  absl::StatusOr<StoredLeases> load_leases() override { return leases; }
  void put_leases(LeaseWrite write, Done done) override {
    if (status.ok()) {
      for (TargetLeaseRecord& target : write.targets) {
        std::erase_if(leases.targets,
                      [&](const TargetLeaseRecord& held) { return held.target == target.target; });
        if (!target.holders.empty() || !target.refused_by.empty()) {
          leases.targets.push_back(std::move(target));
        }
      }
      if (write.horizon) leases.horizon = write.horizon;
    }
    done(status);
  }
  uint64_t size_bytes() const override { return 0; }

  // What every write answers.
  absl::Status status;
  std::vector<HostRecord> hosts;
  std::map<std::string, IdentityRecord> identities;
  std::map<std::string, std::string> names;
  std::vector<std::string> removed;
  std::vector<SyncWrite> syncs;
  std::map<std::string, policy::FirstSeen> first_seen;
  std::map<std::string, TokenRecord> tokens;
  StoredLeases leases;
};

}  // namespace muster::collector

// A collector killed at every passage of every point of a renewal, and its agent, which has its new
// key on disk and asks again: it always gets the same generation, and is never taken for a clone.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <optional>

#include "collector/identity/certificate_generation.h"
#include "collector/identity/renewal.h"
#include "collector/store/store_sqlite.h"
#include "common/files.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reenrolments.h"
#include "tests/common/killed_child.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

const std::string web1_id = "0123456789abcdef0123456789abcdef";
constexpr size_t kRenewals = 3;

// What the collector's process is made of, as far as it renews.
class RunningCollector {
 public:
  RunningCollector(const std::string& directory, const KeyPair& ca)
      : store_(*StoreSqlite::open({.path = directory + "/store.db"})),
        authorities_(*CertificateAuthority::load(ca, "muster.test")),
        fleet_(clock_, *store_, std::make_shared<policy::Policy>()),
        renewal_({.clock = clock_,
                  .store = *store_,
                  .fleet = fleet_,
                  .authorities = authorities_,
                  .turns = turns_,
                  .log = log_}) {
    fleet_.load(*store_->load_hosts());
  }

  absl::StatusOr<v1::RenewResponse> renew(const std::string& certificate,
                                          const std::string& request_pem) {
    v1::RenewRequest request;
    request.set_certificate_signing_request(request_pem);
    std::promise<absl::StatusOr<v1::RenewResponse>> answer;
    renewal_.renew(certificate, request, "ipv4:192.0.2.1:4711",
                   [&answer](const auto& result) { answer.set_value(result); });
    return answer.get_future().get();
  }

  absl::Status add_host(const HostRecord& host) {
    std::promise<absl::Status> done;
    store_->add_host(host, [&done](const absl::Status& status) { done.set_value(status); });
    return done.get_future().get();
  }

  IdentityRecord identity() { return *fleet_.identity_of(web1_id); }

 private:
  FakeClock clock_;
  prometheus::Registry registry_;
  CollectorMetrics metrics_{registry_};
  RenewalLog log_{clock_, metrics_};
  HostTurns turns_;
  std::unique_ptr<StoreSqlite> store_;
  Authorities authorities_;
  Fleet fleet_;
  Renewal renewal_;
};

class RenewalKill : public testing::TestWithParam<const char*> {
 protected:
  RenewalKill() {
    // The agent writes each before it asks, so all of them are there from the beginning.
    for (size_t number = 0; number <= kRenewals; ++number)
      keys_.push_back(make_signing_request());
    const auto authority = CertificateAuthority::load(ca_, "muster.test");
    first_ =
        *authority->issue_client(keys_[0].pem, web1_id, 1, FakeClock().now(), std::chrono::days(7));
  }

  void enrol(const std::string& directory) {
    HostRecord host;
    host.id = web1_id;
    host.name = "web1";
    host.enrolled_at = FakeClock().now();
    host.identity.generation = 1;
    host.identity.key_sha256 = public_key_sha256(key_from_pem(keys_[0].key_pem).get());
    ASSERT_TRUE(RunningCollector(directory, ca_).add_host(host).ok());
  }

  // What the agent has in hand after so many answers.
  std::string certificate_after(const std::string& directory, size_t answers) const {
    return answers == 0 ? first_ : *read_file(file_of(directory, answers), 1 << 16);
  }

  bool renew_all(const std::string& directory, const std::function<void()>& answered) const {
    RunningCollector collector(directory, ca_);
    for (size_t number = 1; number <= kRenewals; ++number) {
      const auto answer =
          collector.renew(certificate_after(directory, number - 1), keys_[number].pem);
      if (!answer.ok()) return false;
      if (!write_file_atomically(file_of(directory, number), answer->certificate(), 0600).ok()) {
        return false;
      }
      answered();
    }
    return true;
  }

  void check(const std::string& directory, const std::string& rule, size_t answers) const {
    RunningCollector collector(directory, ca_);
    std::string certificate = certificate_after(directory, answers);
    for (size_t number = answers + 1; number <= kRenewals; ++number) {
      const auto answer = collector.renew(certificate, keys_[number].pem);
      ASSERT_TRUE(answer.ok()) << rule << ": " << answer.status();
      EXPECT_EQ(answer->generation(), number + 1) << rule;
      certificate = answer->certificate();
    }
    EXPECT_EQ(collector.identity().standing, Standing::kActive) << rule;
    EXPECT_EQ(collector.identity().generation, kRenewals + 1) << rule;
  }

  const KeyPair ca_ = *CertificateAuthority::generate("muster.test", FakeClock().now());
  std::vector<SigningRequest> keys_;
  std::string first_;

 private:
  static std::string file_of(const std::string& directory, size_t answers) {
    return fmt::format("{}/certificate-{}", directory, answers);
  }
};

TEST_P(RenewalKill, IsFollowedByTheSameGenerationForTheSameKey) {
  size_t kills = 0;
  for (size_t number = 1;; ++number) {
    const test::TemporaryDirectory directory(test::kInMemory);
    enrol(directory.path());
    const std::string rule = fmt::format("{}#{}=kill", GetParam(), number);
    const test::ChildEnd end = test::run_until_killed(
        rule, [&](const auto& answered) { return renew_all(directory.path(), answered); });
    check(directory.path(), rule, end.steps);
    if (HasFatalFailure()) return;
    if (!end.killed) {
      EXPECT_EQ(end.steps, kRenewals);
      break;
    }
    ++kills;
  }
  EXPECT_GE(kills, kRenewals) << "the point was not reached by each of them";
}

constexpr const char* kPoints[] = {"renewal.identity_committed",
                                   "renewal.certificate_issued",
                                   "store.begin",
                                   "store.operation",
                                   "store.commit",
                                   "store.committed",
                                   "store.wal.write@commit ",
                                   "store.wal.sync"};

std::string name_of(const testing::TestParamInfo<const char*>& point) {
  std::string name = point.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '@' || c == ' '; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(At, RenewalKill, testing::ValuesIn(kPoints), name_of);

}  // namespace
}  // namespace muster::collector

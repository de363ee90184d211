#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "collector/identity/enrolment.h"
#include "collector/identity/token_refusal.h"
#include "collector/store/store_sqlite.h"
#include "tests/collector/fakes.h"
#include "tests/collector/signing_requests.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

// Over a store that answers from a thread of its own, as the collector's does.
class EnrolmentRace : public testing::Test {
 protected:
  // Of a new token that has so many uses.
  v1::EnrolRequest request_with_token_of(uint32_t uses, const std::string& hostname) {
    v1::CreateTokenRequest wanted;
    wanted.set_lifetime_seconds(60);
    wanted.set_uses(uses);
    std::promise<std::string> token;
    enrolment_.create_token(wanted,
                            [&token](const auto& answer) { token.set_value(answer->token()); });
    v1::EnrolRequest request;
    request.set_token(token.get_future().get());
    request.set_hostname(hostname);
    request.set_certificate_signing_request(make_signing_request().pem);
    return request;
  }

  const test::TemporaryDirectory directory_;
  FakeClock clock_;
  std::unique_ptr<Store> store_ = *StoreSqlite::open({.path = directory_.file("store.db")});
  Fleet fleet_{clock_, *store_, std::make_shared<policy::Policy>()};
  const Authorities authorities_{*CertificateAuthority::load(
      *CertificateAuthority::generate("muster.test", clock_.now()), "muster.test")};
  HostTurns turns_;
  Enrolment enrolment_{clock_, *store_, fleet_, authorities_, turns_, {}};
};

TEST_F(EnrolmentRace, ManyHostsOfOneNameAtOnceGetNamesOfTheirOwn) {
  const v1::EnrolRequest request = request_with_token_of(20, "localhost");
  std::set<std::string> names;
  int refused = 0;
  std::latch answered(25);
  for (int i = 0; i < 25; ++i) {
    enrolment_.enrol(
        request, [&names, &refused, &answered](const absl::StatusOr<v1::EnrolResponse>& answer) {
          if (answer.ok()) names.insert(answer->host());
          if (absl::IsPermissionDenied(answer.status())) ++refused;
          answered.count_down();
        });
  }
  answered.wait();
  EXPECT_EQ(names.size(), 20u);
  EXPECT_TRUE(names.contains("localhost-20"));
  EXPECT_EQ(refused, 5);
}

// From many threads, as many connections would.
TEST_F(EnrolmentRace, OfAThousandUsesOfASingleUseTokenExactlyOneWins) {
  constexpr int kThreads = 20;
  constexpr int kUsesOfEach = 50;
  const v1::EnrolRequest request = request_with_token_of(1, "web1");

  std::atomic<int> won = 0;
  std::atomic<int> refused = 0;
  std::latch together(kThreads);
  std::latch answered(kThreads * kUsesOfEach);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, &request, &together, &won, &refused, &answered] {
      together.arrive_and_wait();
      for (int use = 0; use < kUsesOfEach; ++use) {
        enrolment_.enrol(request, [&](const absl::StatusOr<v1::EnrolResponse>& answer) {
          if (answer.ok()) ++won;
          if (token_refusal_of(answer.status()) == TokenRefusal::kUsed) ++refused;
          answered.count_down();
        });
      }
    });
  }
  answered.wait();
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, kThreads * kUsesOfEach - 1);
  EXPECT_EQ(store_->load_hosts()->size(), 1u);
}

}  // namespace
}  // namespace muster::collector

// Who may come in, and how often: passwords, throttling.
#include <gtest/gtest.h>

#include <future>
#include <set>
#include <string>
#include <vector>

#include "collector/http/basic_auth.h"
#include "collector/http/bcrypt.h"
#include "collector/http/rate_limiter.h"
#include "tests/collector/fakes.h"

namespace muster::collector::http {
namespace {

using Answer = BasicAuth::Answer;

// "secret", made by libcrypt with the least cost.
constexpr const char* kHash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

Answer check(BasicAuth& auth, const std::string& header, const std::string& address = "a") {
  std::promise<Answer> answer;
  auth.check(header, address, [&answer](Answer result) { answer.set_value(result); });
  return answer.get_future().get();
}

TEST(Bcrypt, ChecksAPassword) {
  EXPECT_TRUE(matches_bcrypt("secret", kHash));
  EXPECT_FALSE(matches_bcrypt("Secret", kHash));
  EXPECT_FALSE(matches_bcrypt("", kHash));
  EXPECT_FALSE(matches_bcrypt(std::string("secret\0x", 8), kHash));
  EXPECT_FALSE(matches_bcrypt("secret", "nothing"));
  EXPECT_FALSE(matches_bcrypt("secret", ""));
}

TEST(Bcrypt, KnowsAHashFromOtherText) {
  const std::string rest = "$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
  for (const std::string& hash : {"$2y$04" + rest, "$2b$14" + rest, "$2a$10" + rest}) {
    EXPECT_TRUE(check_bcrypt_hash(hash).ok()) << hash;
  }
  for (const std::string& hash :
       {std::string(), std::string("secret"), "$2y$03" + rest, "$2y$15" + rest, "$2y$1x" + rest,
        "$2x$10" + rest, "$2y$10" + rest + "a", "$2y$10" + rest.substr(0, rest.size() - 1) + "!",
        std::string("$6$abc$def")}) {
    EXPECT_FALSE(check_bcrypt_hash(hash).ok()) << hash;
  }
}

TEST(BasicAuth, GrantsTheRightPassword) {
  const FakeClock clock;
  BasicAuth auth({{"prometheus", kHash}}, clock);
  EXPECT_EQ(check(auth, "Basic cHJvbWV0aGV1czpzZWNyZXQ="), Answer::kGranted);
  EXPECT_EQ(check(auth, "basic cHJvbWV0aGV1czpzZWNyZXQ="), Answer::kGranted);
  for (const char* header : {"", "Basic", "Basic ", "Basic !!!", "Bearer cHJvbWV0aGV1czpzZWNyZXQ=",
                             "Basic cHJvbWV0aGV1cw==",         // no colon
                             "Basic OnNlY3JldA==",             // :secret
                             "Basic bm9ib2R5OnNlY3JldA=="}) {  // nobody:secret
    EXPECT_EQ(check(auth, header), Answer::kDenied) << header;
  }
}

TEST(BasicAuth, ThrottlesWrongPasswordsPerAddressButNotWhoIsKnown) {
  FakeClock clock;
  BasicAuth auth({{"prometheus", kHash}}, clock);
  EXPECT_EQ(check(auth, "Basic cHJvbWV0aGV1czpzZWNyZXQ="), Answer::kGranted);
  for (int i = 0; i < BasicAuth::kFailures; ++i) {
    EXPECT_EQ(check(auth, "Basic bm9ib2R5OnNlY3JldA=="), Answer::kDenied);
  }
  EXPECT_EQ(check(auth, "Basic bm9ib2R5OnNlY3JldA=="), Answer::kThrottled);
  EXPECT_EQ(check(auth, "Basic bm9ib2R5OnNlY3JldA==", "b"), Answer::kDenied);
  EXPECT_EQ(check(auth, "Basic cHJvbWV0aGV1czpzZWNyZXQ="), Answer::kGranted)
      << "a neighbour who guesses does not lock out Prometheus";
  clock.advance(BasicAuth::kFailureForgotten);
  EXPECT_EQ(check(auth, "Basic bm9ib2R5OnNlY3JldA=="), Answer::kDenied);
}

TEST(BasicAuth, DoesNotCountRightPasswords) {
  const FakeClock clock;
  for (int round = 0; round < 3; ++round) {
    BasicAuth auth({{"a", kHash}, {"b", kHash}}, clock);
    for (int i = 0; i < 2 * BasicAuth::kFailures; ++i) {
      EXPECT_EQ(check(auth, "Basic YTpzZWNyZXQ="), Answer::kGranted);
      EXPECT_EQ(check(auth, "Basic YjpzZWNyZXQ="), Answer::kGranted);
    }
  }
}

TEST(BasicAuth, KnowsAPasswordAfterAReloadUnlessItsHashIsAnother) {
  const FakeClock clock;
  const auto known = std::make_shared<KnownPasswords>();
  BasicAuth before({{"prometheus", kHash}}, clock, known);
  EXPECT_EQ(check(before, "Basic cHJvbWV0aGV1czpzZWNyZXQ="), Answer::kGranted);
  // "other", made by libcrypt with the least cost.
  constexpr const char* kOther = "$2y$04$abcdefghijklmnopqrstuuEXHeDAywZhRARpiYpwS6ZHzvVdgFwWa";
  BasicAuth same({{"prometheus", kHash}}, clock, known);
  BasicAuth changed({{"prometheus", kOther}}, clock, known);
  BasicAuth removed({{"other", kHash}}, clock, known);
  for (BasicAuth* auth : {&same, &changed, &removed}) {
    for (int i = 0; i < BasicAuth::kFailures; ++i)
      EXPECT_EQ(check(*auth, "Basic bm9ib2R5OnNlY3JldA=="), Answer::kDenied);
  }
  EXPECT_EQ(check(same, "Basic cHJvbWV0aGV1czpzZWNyZXQ="), Answer::kGranted)
      << "though its neighbour has guessed";
  EXPECT_EQ(check(changed, "Basic cHJvbWV0aGV1czpzZWNyZXQ="), Answer::kThrottled);
  EXPECT_EQ(check(changed, "Basic cHJvbWV0aGV1czpzZWNyZXQ=", "b"), Answer::kDenied);
  EXPECT_EQ(check(removed, "Basic cHJvbWV0aGV1czpzZWNyZXQ=", "b"), Answer::kDenied);
}

TEST(BasicAuth, BoundsWhatWaitsFromManyAddresses) {
  const FakeClock clock;
  // With a cost of 8 a check takes long enough for the queue to fill.
  BasicAuth auth({{"a", "$2y$08$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"}}, clock);
  constexpr size_t kGuesses = 1000;
  std::vector<std::promise<Answer>> answers(kGuesses);
  size_t throttled = 0;
  for (size_t i = 0; i < kGuesses; ++i) {
    auth.check("Basic YTpzZWNyZXQ=", std::to_string(i),
               [&answers, i](Answer answer) { answers[i].set_value(answer); });
  }
  for (std::promise<Answer>& answer : answers) {
    const Answer result = answer.get_future().get();
    EXPECT_NE(result, Answer::kGranted);
    if (result == Answer::kThrottled) ++throttled;
  }
  EXPECT_GT(throttled, kGuesses / 2);
}

TEST(KnownPasswords, ChooseADecoyThatStaysTheSame) {
  const KnownPasswords known;
  std::set<size_t> chosen;
  for (int i = 0; i < 100; ++i) {
    const std::string user = std::to_string(i);
    EXPECT_LT(known.choose(user, 3), 3u);
    EXPECT_EQ(known.choose(user, 3), known.choose(user, 3));
    chosen.insert(known.choose(user, 3));
  }
  EXPECT_EQ(chosen.size(), 3u) << "costs of the users' hashes are all met with";
}

TEST(RateLimiter, RefillsWithTime) {
  FakeClock clock;
  RateLimiter limiter(clock, 2, std::chrono::seconds(10));
  EXPECT_TRUE(limiter.take("a"));
  EXPECT_TRUE(limiter.take("a"));
  EXPECT_FALSE(limiter.take("a"));
  EXPECT_TRUE(limiter.take("b"));
  clock.advance(std::chrono::seconds(9));
  EXPECT_FALSE(limiter.take("a"));
  clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(limiter.take("a"));
  EXPECT_FALSE(limiter.take("a"));
  limiter.give_back("a");
  EXPECT_TRUE(limiter.take("a"));
  clock.advance(-std::chrono::hours(1));
  EXPECT_FALSE(limiter.take("a")) << "a clock that is set back refills nothing";
}

TEST(RateLimiter, BoundsItsTable) {
  FakeClock clock;
  RateLimiter limiter(clock, 1, std::chrono::seconds(10), 2);
  EXPECT_TRUE(limiter.take("a"));
  EXPECT_TRUE(limiter.take("b"));
  EXPECT_TRUE(limiter.take("c")) << "the shared bucket";
  EXPECT_FALSE(limiter.take("d"));
  EXPECT_FALSE(limiter.take("a"));
  clock.advance(std::chrono::seconds(10));
  EXPECT_TRUE(limiter.take("e")) << "a and b are full again and forgotten";
  EXPECT_TRUE(limiter.take("f"));
}

}  // namespace
}  // namespace muster::collector::http

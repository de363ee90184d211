#include "collector/identity/renewal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "collector/identity/certificate_generation.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reenrolments.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string web1_id = "0123456789abcdef0123456789abcdef";

// Answers when told, and in the order in which it was asked.
class SlowStore : public FakeStore {
 public:
  void put_identity(std::string host_id, IdentityRecord identity, Done done) override {
    if (!slow) return FakeStore::put_identity(std::move(host_id), std::move(identity), done);
    waiting.push_back(
        [this, host_id, identity, done] { FakeStore::put_identity(host_id, identity, done); });
  }
  void answer_one() {
    const auto next = std::move(waiting.front());
    waiting.pop_front();
    next();
  }
  bool slow = false;
  std::deque<std::function<void()>> waiting;
};

// What an agent has in hand.
struct Identity {
  SigningRequest key;
  std::string certificate;
};

using Answer = std::optional<absl::StatusOr<v1::RenewResponse>>;

class RenewalTest : public testing::Test {
 protected:
  RenewalTest()
      : authorities_(*CertificateAuthority::load(
            *CertificateAuthority::generate("muster.test", clock_.now()), "muster.test")),
        fleet_(clock_, store_, std::make_shared<policy::Policy>()),
        renewal_({.clock = clock_,
                  .store = store_,
                  .fleet = fleet_,
                  .authorities = authorities_,
                  .turns = turns_,
                  .log = log_}) {}

  // A host of generation 1, as enrolment makes it.
  Identity enrolled(const std::string& host_id = web1_id) {
    const SigningRequest key = make_signing_request();
    HostRecord host;
    host.id = host_id;
    host.name = "web-" + host_id.substr(0, 2);
    host.machine_id_hash = "machine-1";
    host.enrolled_at = clock_.now();
    host.identity.generation = 1;
    host.identity.key_sha256 = public_key_sha256(key_from_pem(key.key_pem).get());
    store_.identities[host_id] = host.identity;
    fleet_.add_host(host);
    return {key, *authorities_.signing()->issue_client(key.pem, host_id, 1, clock_.now(),
                                                       std::chrono::days(7))};
  }

  Answer ask(const Identity& with, const SigningRequest& wanted,
             const std::string& address = "ipv4:192.0.2.1:4711") {
    v1::RenewRequest request;
    request.set_certificate_signing_request(wanted.pem);
    request.set_machine_id_hash("machine-1");
    const auto answer = std::make_shared<Answer>();
    renewal_.renew(with.certificate, request, address,
                   [answer](const absl::StatusOr<v1::RenewResponse>& result) { *answer = result; });
    last_ = answer;
    return *answer;
  }

  Answer ask_again(const v1::ReenrolRequest& request) {
    const auto answer = std::make_shared<Answer>();
    renewal_.reenrol(
        request, "192.0.2.1",
        [answer](const absl::StatusOr<v1::RenewResponse>& result) { *answer = result; });
    return *answer;
  }

  // The next identity of a host whose renewal goes well.
  Identity renewed(const Identity& with) {
    const SigningRequest wanted = make_signing_request();
    const Answer answer = ask(with, wanted);
    EXPECT_TRUE(answer.has_value() && answer->ok());
    return {wanted, (*answer)->certificate()};
  }

  uint64_t generation_in(const std::string& certificate) {
    return generation_of(parse_certificate(certificate)->get());
  }

  double counted(const std::string& result, const std::string& what = "renewals") {
    for (const auto& family : registry_.Collect()) {
      if (family.name != "muster_collector_" + what + "_total") continue;
      for (const auto& metric : family.metric) {
        if (metric.label.front().value == result) return metric.counter.value;
      }
    }
    return -1;
  }

  FakeClock clock_;
  SlowStore store_;
  prometheus::Registry registry_;
  CollectorMetrics metrics_{registry_};
  RenewalLog log_{clock_, metrics_};
  HostTurns turns_;
  Authorities authorities_;
  Fleet fleet_;
  Renewal renewal_;
  std::shared_ptr<Answer> last_;
};

TEST_F(RenewalTest, GivesTheNextGenerationForANewKey) {
  const Identity first = enrolled();
  clock_.advance(std::chrono::hours(84));
  const SigningRequest wanted = make_signing_request();
  const Answer answer = ask(first, wanted);
  ASSERT_TRUE(answer->ok()) << answer->status();
  EXPECT_EQ((*answer)->generation(), 2u);
  EXPECT_EQ((*answer)->ca_certificates(), authorities_.bundle()->pem);
  const auto given =
      read_client_certificate(parse_certificate((*answer)->certificate())->get(), "muster.test");
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->host_id, web1_id);
  EXPECT_EQ(given->identity.generation, 2u);
  EXPECT_EQ(given->not_after, clock_.now() + std::chrono::days(7));

  const IdentityRecord& stored = store_.identities[web1_id];
  EXPECT_EQ(stored.generation, 2u);
  EXPECT_EQ(stored.key_sha256, given->identity.key_sha256);
  EXPECT_EQ(stored.not_after, given->not_after);
  EXPECT_EQ(stored.ca_sha256, authorities_.signing()->sha256());
  EXPECT_EQ(fleet_.identity_of(web1_id)->generation, 2u);
  EXPECT_EQ(counted("renewed"), 1);
}

TEST_F(RenewalTest, GoesOnFromCertificateToCertificate) {
  Identity identity = enrolled();
  for (uint64_t generation = 2; generation < 7; ++generation) {
    clock_.advance(std::chrono::hours(84));
    identity = renewed(identity);
    EXPECT_EQ(generation_in(identity.certificate), generation);
  }
}

TEST_F(RenewalTest, OfTheSameKeyGivesTheSameGenerationHoweverOftenTheAnswerIsLost) {
  const Identity first = enrolled();
  const SigningRequest wanted = make_signing_request();
  for (int times = 0; times < 3; ++times) {
    const Answer answer = ask(first, wanted);
    ASSERT_TRUE(answer->ok()) << answer->status();
    EXPECT_EQ((*answer)->generation(), 2u);
    EXPECT_EQ(generation_in((*answer)->certificate()), 2u);
  }
  EXPECT_EQ(counted("renewed"), 1);
  EXPECT_EQ(counted("repeated"), 2);
}

TEST_F(RenewalTest, IsIssuedOnlyWhenItIsCommitted) {
  const Identity first = enrolled();
  store_.slow = true;
  EXPECT_FALSE(ask(first, make_signing_request()).has_value());
  EXPECT_EQ(fleet_.identity_of(web1_id)->generation, 1u);
  store_.answer_one();
  ASSERT_TRUE(last_->has_value() && (*last_)->ok());
}

TEST_F(RenewalTest, ChangesNothingWhenTheStoreCannotTakeIt) {
  const Identity first = enrolled();
  const SigningRequest wanted = make_signing_request();
  store_.status = absl::ResourceExhaustedError("the disk is full");
  EXPECT_TRUE(absl::IsResourceExhausted(ask(first, wanted)->status()));
  EXPECT_EQ(fleet_.identity_of(web1_id)->generation, 1u);
  EXPECT_EQ(counted("failed"), 1);
  store_.status = absl::OkStatus();
  const Answer answer = ask(first, wanted);
  ASSERT_TRUE(answer->ok()) << answer->status();
  EXPECT_EQ((*answer)->generation(), 2u);
}

// A copy of the disk: the one that asks second is found, whichever it is.
TEST_F(RenewalTest, FindsTheSecondOfTwoThatHaveOneIdentityAndStopsBoth) {
  const Identity both = enrolled();
  const Identity one = renewed(both);
  const Answer clone = ask(both, make_signing_request(), "ipv4:192.0.2.99:4712");
  EXPECT_TRUE(absl::IsPermissionDenied(clone->status()));
  EXPECT_THAT(clone->status().message(), HasSubstr("quarantined"));
  EXPECT_THAT(clone->status().message(), HasSubstr("muster-collector host release"));
  EXPECT_EQ(store_.identities[web1_id].standing, Standing::kQuarantined);
  EXPECT_EQ(store_.identities[web1_id].since, clock_.now());
  EXPECT_EQ(fleet_.identity_of(web1_id)->standing, Standing::kQuarantined);
  EXPECT_EQ(counted("clone"), 1);

  EXPECT_TRUE(absl::IsPermissionDenied(ask(one, make_signing_request())->status()));
  EXPECT_TRUE(absl::IsPermissionDenied(ask(both, make_signing_request())->status()));
  EXPECT_EQ(counted("refused"), 2);
  EXPECT_EQ(counted("clone"), 1);
}

TEST_F(RenewalTest, NamesTheHostAndBothPeersOfACloneAndHowToReleaseIt) {
  const Identity both = enrolled();
  renewed(both);
  testing::internal::CaptureStderr();
  v1::RenewRequest request;
  request.set_certificate_signing_request(make_signing_request().pem);
  request.set_machine_id_hash("machine-2\nlevel=forged");
  renewal_.renew(both.certificate, request, "ipv4:192.0.2.99:4712", [](const auto&) {});
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("level=error"));
  EXPECT_THAT(text, HasSubstr("host=web-01"));
  EXPECT_THAT(text, HasSubstr("host_id=" + web1_id));
  EXPECT_THAT(text, HasSubstr("peer=ipv4:192.0.2.99:4712"));
  EXPECT_THAT(text, HasSubstr("machine-2\\"));
  EXPECT_THAT(text, HasSubstr("other_peer=ipv4:192.0.2.1:4711"));
  EXPECT_THAT(text, HasSubstr("other_machine_id_hash=machine-1"));
  EXPECT_THAT(text, HasSubstr("muster-collector host release web-01"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST_F(RenewalTest, IsTakenOfWhomeverIsLeftWhenAnOperatorHasReleasedTheHost) {
  const Identity both = enrolled();
  const Identity one = renewed(both);
  ask(both, make_signing_request());
  IdentityRecord released = *fleet_.identity_of(web1_id);
  released.standing = Standing::kActive;
  released.adopts_next = true;
  fleet_.set_identity(web1_id, released);
  // The right one is the one that was refused; the other is found from then on.
  const Identity right = renewed(both);
  EXPECT_EQ(generation_in(right.certificate), 3u);
  EXPECT_TRUE(absl::IsPermissionDenied(ask(one, make_signing_request())->status()));
  EXPECT_EQ(fleet_.identity_of(web1_id)->standing, Standing::kQuarantined);
}

TEST_F(RenewalTest, OfAFleetWhoseOlderStoreWasPutBackQuarantinesNobody) {
  Identity identity = enrolled();
  const IdentityRecord backup = *fleet_.identity_of(web1_id);
  for (int times = 0; times < 3; ++times)
    identity = renewed(identity);
  // The answer to this one was lost, and then the store.
  const SigningRequest wanted = make_signing_request();
  ask(identity, wanted);
  fleet_.set_identity(web1_id, backup);
  const Answer answer = ask(identity, wanted);
  ASSERT_TRUE(answer->ok()) << answer->status();
  EXPECT_EQ((*answer)->generation(), 5u);
  EXPECT_EQ(fleet_.identity_of(web1_id)->standing, Standing::kActive);
}

TEST_F(RenewalTest, OfAHostFromBeforeCertificatesWereCountedBeginsToCountThem) {
  Identity old = enrolled();
  old.certificate = *authorities_.signing()->issue_client(old.key.pem, web1_id, 0, clock_.now(),
                                                          std::chrono::days(90));
  fleet_.set_identity(web1_id, IdentityRecord());
  EXPECT_EQ(generation_in(renewed(old).certificate), 1u);
  EXPECT_TRUE(absl::IsPermissionDenied(ask(old, make_signing_request())->status()));
  EXPECT_EQ(fleet_.identity_of(web1_id)->standing, Standing::kQuarantined);
}

TEST_F(RenewalTest, OfTwoAtOnceGetsOneOrder) {
  const Identity first = enrolled();
  store_.slow = true;
  const SigningRequest wanted = make_signing_request();
  ask(first, wanted);
  const auto one = last_;
  ask(first, wanted);
  const auto same = last_;
  ask(first, make_signing_request());
  const auto other = last_;
  EXPECT_EQ(store_.waiting.size(), 1u);
  while (!store_.waiting.empty())
    store_.answer_one();
  ASSERT_TRUE((*one)->ok());
  EXPECT_EQ((**one)->generation(), 2u);
  ASSERT_TRUE((*same)->ok());
  EXPECT_EQ((**same)->generation(), 2u);
  EXPECT_TRUE(absl::IsPermissionDenied((*other)->status()));
  EXPECT_EQ(counted("clone"), 1);
}

TEST_F(RenewalTest, OfOneHostDoesNotKeepAnotherWaiting) {
  const Identity first = enrolled();
  const Identity second = enrolled(std::string(32, 'f'));
  store_.slow = true;
  ask(first, make_signing_request());
  ask(second, make_signing_request());
  EXPECT_EQ(store_.waiting.size(), 2u);
  while (!store_.waiting.empty())
    store_.answer_one();
}

TEST_F(RenewalTest, IsRefusedToHostsThatAreNotThereOrRevoked) {
  const Identity first = enrolled();
  IdentityRecord revoked = *fleet_.identity_of(web1_id);
  revoked.standing = Standing::kRevoked;
  fleet_.set_identity(web1_id, revoked);
  Answer answer = ask(first, make_signing_request());
  EXPECT_TRUE(absl::IsPermissionDenied(answer->status()));
  EXPECT_THAT(answer->status().message(), HasSubstr("revoked"));
  EXPECT_TRUE(absl::IsPermissionDenied(renewal_.trust_bundle(web1_id).status()));

  fleet_.remove_host(web1_id);
  answer = ask(first, make_signing_request());
  EXPECT_TRUE(absl::IsPermissionDenied(answer->status()));
  EXPECT_THAT(answer->status().message(), HasSubstr("muster-agent enroll"));
  EXPECT_TRUE(absl::IsPermissionDenied(renewal_.trust_bundle(web1_id).status()));
  EXPECT_EQ(counted("refused"), 2);
}

TEST_F(RenewalTest, IsRefusedToCertificatesOfBeforeATokenGaveTheHostToAnotherKey) {
  const Identity old = enrolled();
  IdentityRecord record =
      record_rebinding(*fleet_.identity_of(web1_id), std::string(32, 'k'), /*newest_seen=*/1);
  fleet_.set_identity(web1_id, record);
  const Answer answer = ask(old, make_signing_request());
  EXPECT_TRUE(absl::IsPermissionDenied(answer->status()));
  EXPECT_THAT(answer->status().message(), HasSubstr("another key"));
  EXPECT_EQ(fleet_.identity_of(web1_id)->standing, Standing::kActive);
}

TEST_F(RenewalTest, SaysWhatIsWrongWithARequest) {
  const Identity first = enrolled();
  Answer answer = ask(first, {.pem = "no request", .key_pem = {}});
  EXPECT_TRUE(absl::IsInvalidArgument(answer->status()));
  answer = ask(first, first.key);
  EXPECT_TRUE(absl::IsInvalidArgument(answer->status()));
  EXPECT_THAT(answer->status().message(), HasSubstr("a new key"));
  v1::RenewRequest request;
  request.set_certificate_signing_request(make_signing_request().pem);
  request.set_machine_id_hash(std::string(65, 'm'));
  renewal_.renew(first.certificate, request, "",
                 [&answer](const auto& result) { answer = result; });
  EXPECT_TRUE(absl::IsInvalidArgument(answer->status()));
  request.set_machine_id_hash(std::string(64, 'm'));
  renewal_.renew("", request, "", [&answer](const auto& result) { answer = result; });
  EXPECT_TRUE(absl::IsInvalidArgument(answer->status()));
  renewal_.renew(authorities_.bundle()->pem, request, "",
                 [&answer](const auto& result) { answer = result; });
  EXPECT_TRUE(absl::IsPermissionDenied(answer->status()));
  renewal_.renew(first.certificate, request, "",
                 [&answer](const auto& result) { answer = result; });
  EXPECT_TRUE(answer->ok()) << answer->status();
  EXPECT_EQ(counted("refused"), 5);
}

TEST_F(RenewalTest, TellsAQuarantinedHostTheRootsSoThatItCanComeBack) {
  enrolled();
  IdentityRecord record = *fleet_.identity_of(web1_id);
  record.standing = Standing::kQuarantined;
  fleet_.set_identity(web1_id, record);
  const auto bundle = renewal_.trust_bundle(web1_id);
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->ca_certificates(), authorities_.bundle()->pem);
}

TEST_F(RenewalTest, WithAnExpiredCertificateGoesByTheSameRules) {
  const Identity first = enrolled();
  clock_.advance(std::chrono::days(20));
  const SigningRequest wanted = make_signing_request();
  const v1::ReenrolRequest request = make_reenrolment(wanted, first.certificate, first.key.key_pem);
  for (int times = 0; times < 2; ++times) {
    const Answer answer = ask_again(request);
    ASSERT_TRUE(answer->ok()) << answer->status();
    EXPECT_EQ((*answer)->generation(), 2u);
    EXPECT_EQ(generation_in((*answer)->certificate()), 2u);
  }
  EXPECT_EQ(counted("renewed", "reenrolments"), 1);
  EXPECT_EQ(counted("repeated", "reenrolments"), 1);
  const Answer clone =
      ask_again(make_reenrolment(make_signing_request(), first.certificate, first.key.key_pem));
  EXPECT_TRUE(absl::IsPermissionDenied(clone->status()));
  EXPECT_EQ(fleet_.identity_of(web1_id)->standing, Standing::kQuarantined);
  EXPECT_EQ(counted("clone", "reenrolments"), 1);
  EXPECT_EQ(counted("clone"), 0);
}

TEST_F(RenewalTest, WithACertificateThatEndedTooLongAgoAsksForAToken) {
  const Identity first = enrolled();
  clock_.advance(std::chrono::days(38));
  const Answer answer =
      ask_again(make_reenrolment(make_signing_request(), first.certificate, first.key.key_pem));
  EXPECT_TRUE(absl::IsPermissionDenied(answer->status()));
  EXPECT_THAT(answer->status().message(), HasSubstr("muster-collector token create"));
  EXPECT_EQ(counted("refused", "reenrolments"), 1);
  EXPECT_EQ(fleet_.identity_of(web1_id)->generation, 1u);
}

// Who proves nothing does not learn by the answer which hosts there are.
TEST_F(RenewalTest, AnswersAStrangerTheSameOfAHostThatIsThereAndOneThatIsNot) {
  const Identity first = enrolled();
  const auto ask_as_stranger = [this, &first] {
    return ask_again(make_reenrolment(make_signing_request(), first.certificate,
                                      make_signing_request().key_pem))
        ->status();
  };
  const absl::Status there = ask_as_stranger();
  fleet_.remove_host(web1_id);
  EXPECT_EQ(there, ask_as_stranger());
  EXPECT_THAT(std::string(there.message()), Not(HasSubstr(web1_id)));
}

}  // namespace
}  // namespace muster::collector

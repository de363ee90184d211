#include "collector/identity/renewal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/renewal_fixture.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;

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

}  // namespace
}  // namespace muster::collector

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/reenrolments.h"
#include "tests/collector/renewal_fixture.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;
using testing::Not;

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

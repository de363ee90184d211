#include "collector/identity/enrolment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "collector/identity/client_certificate.h"
#include "collector/identity/token_refusal.h"
#include "tests/collector/fakes.h"
#include "tests/collector/signing_requests.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// The store answers at once, so every answer is there when a call returns.
class EnrolmentTest : public testing::Test {
 protected:
  EnrolmentTest()
      : authorities_(*CertificateAuthority::load(
            *CertificateAuthority::generate("muster.test", clock_.now()), "muster.test")),
        fleet_(clock_, store_, std::make_shared<policy::Policy>()),
        enrolment_(clock_, store_, fleet_, authorities_, turns_, {"a.test:8433", "b.test:8433"},
                   "https://a.test:8443") {}

  absl::StatusOr<v1::CreateTokenResponse> create_token(uint32_t lifetime, uint32_t uses) {
    v1::CreateTokenRequest request;
    request.set_lifetime_seconds(lifetime);
    request.set_uses(uses);
    (*request.mutable_labels())["role"] = "web";
    return create_token(request);
  }

  absl::StatusOr<v1::CreateTokenResponse> create_token_for(const std::string& host) {
    v1::CreateTokenRequest request;
    request.set_lifetime_seconds(60);
    request.set_uses(1);
    request.set_host(host);
    (*request.mutable_labels())["role"] = "web";
    return create_token(request);
  }

  absl::StatusOr<v1::CreateTokenResponse> create_token(const v1::CreateTokenRequest& request) {
    std::optional<absl::StatusOr<v1::CreateTokenResponse>> answer;
    enrolment_.create_token(request, [&answer](auto result) { answer = std::move(result); });
    return *answer;
  }

  static v1::EnrolRequest make_request_of(const std::string& token, const std::string& name) {
    v1::EnrolRequest request;
    request.set_token(token);
    request.set_hostname(name);
    request.set_certificate_signing_request(make_signing_request().pem);
    return request;
  }

  absl::StatusOr<v1::EnrolResponse> enrol(const v1::EnrolRequest& request) {
    std::optional<absl::StatusOr<v1::EnrolResponse>> answer;
    enrolment_.enrol(request, [&answer](auto result) { answer = std::move(result); });
    return *answer;
  }

  FakeClock clock_;
  FakeStore store_;
  Authorities authorities_;
  Fleet fleet_;
  HostTurns turns_;
  Enrolment enrolment_;
};

TEST_F(EnrolmentTest, ATokenMakesAHostWithACertificateAndTheTokensLabels) {
  const auto token = create_token(3600, 1);
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_THAT(token->token(), StartsWith("muster-"));
  EXPECT_EQ(token->token().size(), 47u);
  EXPECT_EQ(token->ca_sha256(), authorities_.signing()->sha256());
  EXPECT_EQ(token->enrol_url(), "https://a.test:8443");

  const auto response = enrol(make_request_of(token->token(), "web1.example.org"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->host(), "web1.example.org");
  EXPECT_EQ(response->host_id().size(), 32u);
  EXPECT_THAT(response->certificate(), HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_EQ(response->ca_certificates(), authorities_.bundle()->pem);
  EXPECT_THAT(response->collectors(), ElementsAre("a.test:8433", "b.test:8433"));
  EXPECT_EQ(fleet_.id_of("web1.example.org"), response->host_id());
  ASSERT_EQ(store_.hosts.size(), 1u);
  EXPECT_EQ(store_.hosts.front().labels.at("role"), "web");
}

TEST_F(EnrolmentTest, TheTokenItselfIsNeverStored) {
  const auto token = create_token(3600, 1);
  ASSERT_EQ(store_.tokens.size(), 1u);
  EXPECT_EQ(store_.tokens.begin()->first.size(), 64u);
  EXPECT_EQ(token->token().find(store_.tokens.begin()->first), std::string::npos);
}

TEST_F(EnrolmentTest, AStrangerIsNotToldWhatIsWrongWithATokenAndTheOperatorIs) {
  const auto token = create_token(60, 1);
  ASSERT_TRUE(enrol(make_request_of(token->token(), "web1")).ok());
  const absl::Status used = enrol(make_request_of(token->token(), "web2")).status();
  const absl::Status unknown = enrol(make_request_of("muster-0000", "web2")).status();
  const auto second = create_token(60, 1);
  clock_.advance(std::chrono::seconds(60));
  const absl::Status expired = enrol(make_request_of(second->token(), "web2")).status();
  EXPECT_TRUE(absl::IsPermissionDenied(used));
  EXPECT_EQ(used.message(), unknown.message());
  EXPECT_EQ(used.message(), expired.message());
  EXPECT_EQ(token_refusal_of(used), TokenRefusal::kUsed);
  EXPECT_EQ(token_refusal_of(unknown), TokenRefusal::kUnknown);
  EXPECT_EQ(token_refusal_of(expired), TokenRefusal::kExpired);
  EXPECT_TRUE(absl::IsPermissionDenied(enrol(make_request_of("", "web2")).status()));
}

TEST_F(EnrolmentTest, AMistakeInTheRequestDoesNotCostAUse) {
  const auto token = create_token(60, 1);
  v1::EnrolRequest request = make_request_of(token->token(), "web1");
  request.set_certificate_signing_request("not a request");
  EXPECT_TRUE(absl::IsInvalidArgument(enrol(request).status()));
  EXPECT_TRUE(enrol(make_request_of(token->token(), "web1")).ok());
}

TEST_F(EnrolmentTest, NamesAreMadeUnique) {
  const auto token = create_token(60, 3);
  EXPECT_EQ(enrol(make_request_of(token->token(), "web"))->host(), "web");
  EXPECT_EQ(enrol(make_request_of(token->token(), "web"))->host(), "web-2");
  EXPECT_EQ(enrol(make_request_of(token->token(), "web"))->host(), "web-3");
}

TEST_F(EnrolmentTest, NamesAreCleanedOrRefused) {
  const auto token = create_token(60, 10);
  struct Case {
    std::string wish;
    std::string name;
  };
  const Case cases[] = {{"web 1", "web-1"},
                        {"a\"b\nc{}", "a-b-c"},
                        {"..web1.", "web1"},
                        {"wörld", "w--rld"},
                        {std::string(253, 'x'), std::string(253, 'x')}};
  for (const Case& one : cases) {
    const auto response = enrol(make_request_of(token->token(), one.wish));
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->host(), one.name);
  }
  const auto longest = enrol(make_request_of(token->token(), std::string(253, 'x')));
  EXPECT_EQ(longest->host(), std::string(251, 'x') + "-2");
  for (const std::string& wish : {std::string(), std::string("---"), std::string(254, 'x')}) {
    EXPECT_TRUE(absl::IsInvalidArgument(enrol(make_request_of(token->token(), wish)).status()));
  }
}

TEST_F(EnrolmentTest, TokensOutOfBoundsAreRefused) {
  EXPECT_FALSE(create_token(0, 1).ok());
  EXPECT_FALSE(create_token(30 * 24 * 3600 + 1, 1).ok());
  EXPECT_FALSE(create_token(60, 0).ok());
  EXPECT_FALSE(create_token(60, 100'001).ok());
  EXPECT_TRUE(create_token(30 * 24 * 3600, 100'000).ok());
  for (const char* name : {"", "1a", "a-b", "__name__", "a b"}) {
    v1::CreateTokenRequest request;
    request.set_lifetime_seconds(60);
    request.set_uses(1);
    (*request.mutable_labels())[name] = "x";
    EXPECT_TRUE(absl::IsInvalidArgument(create_token(request).status())) << name;
  }
  v1::CreateTokenRequest many;
  many.set_lifetime_seconds(60);
  many.set_uses(1);
  for (int i = 0; i < 33; ++i)
    (*many.mutable_labels())["l" + std::to_string(i)] = "x";
  EXPECT_TRUE(absl::IsInvalidArgument(create_token(many).status()));
}

TEST_F(EnrolmentTest, ListsTokensThatCanStillBeUsed) {
  const auto used = create_token(60, 1);
  ASSERT_TRUE(enrol(make_request_of(used->token(), "web1")).ok());
  const auto usable = create_token(60, 2);
  std::optional<absl::StatusOr<v1::TokenList>> list;
  enrolment_.list_tokens([&list](auto result) { list = std::move(result); });
  ASSERT_TRUE(list->ok());
  ASSERT_EQ((*list)->tokens_size(), 1);
  EXPECT_EQ((*list)->tokens(0).id(), usable->summary().id());
  EXPECT_EQ((*list)->tokens(0).uses_left(), 2u);
  clock_.advance(std::chrono::seconds(60));
  enrolment_.list_tokens([&list](auto result) { list = std::move(result); });
  EXPECT_EQ((*list)->tokens_size(), 0);
}

TEST_F(EnrolmentTest, AFullDiskMakesNoHost) {
  const auto token = create_token(60, 1);
  store_.status = absl::ResourceExhaustedError("the disk is full");
  EXPECT_TRUE(absl::IsResourceExhausted(enrol(make_request_of(token->token(), "web1")).status()));
  EXPECT_EQ(fleet_.id_of("web1"), std::nullopt);
  EXPECT_FALSE(create_token(60, 1).ok());
}

TEST_F(EnrolmentTest, WhatACertificateIsIsStoredBeforeItIsIssued) {
  const auto token = create_token(3600, 1);
  const v1::EnrolRequest request = make_request_of(token->token(), "web1");
  const auto response = enrol(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->generation(), 1u);
  const IdentityRecord& identity = store_.hosts.front().identity;
  EXPECT_EQ(identity.generation, 1u);
  EXPECT_EQ(identity.ca_sha256, authorities_.signing()->sha256());
  EXPECT_EQ(identity.not_after, clock_.now() + std::chrono::days(7));
  const auto certificate = parse_certificate(response->certificate());
  ASSERT_TRUE(certificate.ok());
  const auto read = read_client_certificate(certificate->get(), "muster.test");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->identity.generation, identity.generation);
  EXPECT_EQ(read->identity.key_sha256, identity.key_sha256);
  EXPECT_EQ(read->not_after, *identity.not_after);
}

TEST_F(EnrolmentTest, ATokenThatNamesANewHostGivesExactlyThatName) {
  const auto token = create_token_for("web1");
  EXPECT_EQ(token->summary().host(), "web1");
  const auto response = enrol(make_request_of(token->token(), "whatever-it-likes"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->host(), "web1");
  EXPECT_EQ(store_.hosts.front().labels.at("role"), "web");
}

TEST_F(EnrolmentTest, ATokenThatNamesAHostGivesItToTheNewcomersKey) {
  const auto first = enrol(make_request_of(create_token(60, 1)->token(), "web1"));
  ASSERT_TRUE(first.ok());
  IdentityRecord quarantined = *fleet_.identity_of(first->host_id());
  quarantined.standing = Standing::kQuarantined;
  fleet_.set_identity(first->host_id(), quarantined);
  // As of one who has renewed since.
  EXPECT_EQ(fleet_.admit(first->host_id(), 1), Admission::kQuarantined);

  const auto second = enrol(make_request_of(create_token_for("web1")->token(), "fresh-install"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->host_id(), first->host_id());
  EXPECT_EQ(second->host(), "web1");
  EXPECT_EQ(second->generation(), 2u);
  EXPECT_EQ(store_.hosts.size(), 1u) << "it is no new host";
  const IdentityRecord& stored = store_.identities.at(first->host_id());
  EXPECT_EQ(stored.standing, Standing::kActive);
  EXPECT_EQ(stored.generation, 2u);
  EXPECT_NE(stored.key_sha256, quarantined.key_sha256);
  // The old machine is told off, and cannot quarantine the new one.
  EXPECT_EQ(fleet_.admit(first->host_id(), 1), Admission::kSuperseded);
  EXPECT_EQ(fleet_.admit(first->host_id(), 2), Admission::kTaken);
  EXPECT_EQ(judge_renewal(stored, {1, quarantined.key_sha256}, "another").kind,
            RenewalDecision::Kind::kRefused);
}

TEST_F(EnrolmentTest, ARebindingIsAheadOfWhateverReported) {
  const auto first = enrol(make_request_of(create_token(60, 1)->token(), "web1"));
  // The store was put back since.
  EXPECT_EQ(fleet_.admit(first->host_id(), 9), Admission::kTaken);
  EXPECT_EQ(enrol(make_request_of(create_token_for("web1")->token(), "web1"))->generation(), 10u);
}

TEST_F(EnrolmentTest, NoTokenBringsARevokedHostBack) {
  const auto first = enrol(make_request_of(create_token(60, 1)->token(), "web1"));
  const auto before = create_token_for("web1");
  ASSERT_TRUE(before.ok());
  IdentityRecord revoked = *fleet_.identity_of(first->host_id());
  revoked.standing = Standing::kRevoked;
  fleet_.set_identity(first->host_id(), revoked);
  for (const absl::Status& status : {enrol(make_request_of(before->token(), "web1")).status(),
                                     create_token_for("web1").status()}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("muster-collector host remove web1"));
  }
  EXPECT_EQ(fleet_.identity_of(first->host_id())->standing, Standing::kRevoked);
}

TEST_F(EnrolmentTest, ATokenForAHostHasOneUseAndAnExactName) {
  v1::CreateTokenRequest request;
  request.set_lifetime_seconds(60);
  request.set_uses(2);
  request.set_host("web1");
  EXPECT_THAT(std::string(create_token(request).status().message()), HasSubstr("one use"));
  for (const char* name : {"web 1", "-web1", "a/b", "w\xc3\xb6rld"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(create_token_for(name).status())) << name;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(create_token_for(std::string(254, 'x')).status()));
  EXPECT_TRUE(create_token_for(std::string(253, 'x')).ok());
}

TEST_F(EnrolmentTest, ARevokedTokenIsUsedByNobody) {
  const auto token = create_token(60, 5);
  const std::string id = token->summary().id();
  const auto revoke = [this](const std::string& which) {
    std::optional<absl::StatusOr<v1::TokenSummary>> answer;
    enrolment_.revoke_token(which, [&answer](auto result) { answer = std::move(result); });
    return *answer;
  };
  ASSERT_TRUE(revoke(id).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(enrol(make_request_of(token->token(), "web1")).status()));
  EXPECT_TRUE(absl::IsNotFound(revoke(id).status()));
  for (const std::string& bad : {std::string("abc"), std::string("ABCDEF01"), token->token()}) {
    const absl::Status status = revoke(bad).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << bad;
    // Who pastes the token finds it in no log.
    EXPECT_EQ(status.message().find(token->token()), std::string::npos);
  }
}

}  // namespace
}  // namespace muster::collector

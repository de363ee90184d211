// What operators do to hosts, with a store that answers at once or refuses.
#include "collector/fleet/host_administration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/collector/fakes.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string web1_id = "0123456789abcdef0123456789abcdef";
const std::string web2_id = "fedcba9876543210fedcba9876543210";

class HostAdministrationTest : public testing::Test {
 protected:
  HostAdministrationTest()
      : fleet_(clock_, store_, std::make_shared<policy::Policy>()),
        revocations_(*Revocations::open(directory_.file("revocations"))),
        administration_(clock_, store_, fleet_, *revocations_, turns_) {
    add_host(web1_id, "web1");
    add_host(web2_id, "web2");
  }

  void add_host(const std::string& id, const std::string& name) {
    HostRecord host;
    host.id = id;
    host.name = name;
    host.enrolled_at = clock_.now();
    host.identity.generation = 3;
    fleet_.add_host(host);
  }

  void quarantine(const std::string& id) {
    IdentityRecord identity = *fleet_.identity_of(id);
    identity.standing = Standing::kQuarantined;
    identity.reason = "in use twice";
    identity.since = clock_.now();
    fleet_.set_identity(id, identity);
  }

  using Verb = void (HostAdministration::*)(const std::string&, const std::string&,
                                            const HostAdministration::Done&);
  absl::StatusOr<v1::HostSummary> ask(Verb verb, const std::string& name,
                                      const std::string& text = "") {
    std::optional<absl::StatusOr<v1::HostSummary>> answer;
    (administration_.*verb)(name, text, [&answer](auto result) { answer = std::move(result); });
    return answer.value_or(absl::UnknownError("no answer"));
  }

  FakeClock clock_;
  FakeStore store_;
  test::TemporaryDirectory directory_;
  Fleet fleet_;
  std::unique_ptr<Revocations> revocations_;
  HostTurns turns_;
  HostAdministration administration_;
};

TEST_F(HostAdministrationTest, ARevokedHostIsRefusedAtOnceAndSoItStays) {
  const auto answer = ask(&HostAdministration::revoke, "web1", "stolen");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->identity().standing(), v1::STANDING_REVOKED);
  EXPECT_EQ(answer->identity().reason(), "stolen");
  EXPECT_EQ(fleet_.admit(web1_id, 3), Admission::kRevoked);
  EXPECT_EQ(fleet_.admit(web2_id, 3), Admission::kTaken);
  EXPECT_EQ(store_.identities.at(web1_id).standing, Standing::kRevoked);
  ASSERT_THAT(revocations_->all(), SizeIs(1));
  EXPECT_EQ(revocations_->all().front().host_id, web1_id);
  // Once more is no mistake, and nothing takes it back.
  EXPECT_TRUE(ask(&HostAdministration::revoke, "web1", "again").ok());
  EXPECT_THAT(revocations_->all(), SizeIs(1));
  EXPECT_EQ(fleet_.identity_of(web1_id)->reason, "stolen");
  const absl::Status released = ask(&HostAdministration::release, "web1").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(released));
  EXPECT_THAT(std::string(released.message()), HasSubstr("host remove web1"));
}

TEST_F(HostAdministrationTest, ARevocationHoldsWhereTheStoresDiskIsFull) {
  store_.status = absl::ResourceExhaustedError("the disk is full");
  EXPECT_TRUE(ask(&HostAdministration::revoke, "web1").ok());
  EXPECT_EQ(fleet_.admit(web1_id, 3), Admission::kRevoked);
  EXPECT_THAT(revocations_->all(), SizeIs(1));
}

TEST_F(HostAdministrationTest, WhatCannotBeWrittenDownIsNotDone) {
  std::filesystem::create_directory(directory_.file("revocations"));
  for (const Verb verb : {&HostAdministration::revoke, &HostAdministration::remove}) {
    EXPECT_FALSE(ask(verb, "web1").ok());
    EXPECT_EQ(fleet_.admit(web1_id, 3), Admission::kTaken);
    EXPECT_THAT(store_.removed, IsEmpty());
  }
}

TEST_F(HostAdministrationTest, AReleasedHostIsWhoeverRenewsNext) {
  quarantine(web1_id);
  ASSERT_TRUE(ask(&HostAdministration::release, "web1").ok());
  EXPECT_EQ(fleet_.admit(web1_id, 1), Admission::kTaken);
  const IdentityRecord stored = store_.identities.at(web1_id);
  EXPECT_EQ(stored.standing, Standing::kActive);
  EXPECT_EQ(stored.reason, "");
  EXPECT_EQ(stored.since, std::nullopt);
  EXPECT_EQ(judge_renewal(stored, {2, "any"}, "next").kind, RenewalDecision::Kind::kAdvance);
  EXPECT_TRUE(absl::IsFailedPrecondition(ask(&HostAdministration::release, "web1").status()));
  EXPECT_THAT(revocations_->all(), IsEmpty());
}

TEST_F(HostAdministrationTest, AQuarantineThatCannotBeEndedOnDiskGoesOn) {
  quarantine(web1_id);
  store_.status = absl::ResourceExhaustedError("the disk is full");
  EXPECT_TRUE(absl::IsResourceExhausted(ask(&HostAdministration::release, "web1").status()));
  EXPECT_EQ(fleet_.admit(web1_id, 3), Admission::kQuarantined);
}

TEST_F(HostAdministrationTest, ARenamedHostIsTheSameUnderAnotherName) {
  const auto answer = ask(&HostAdministration::rename, "web1", "db1");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->name(), "db1");
  EXPECT_EQ(answer->id(), web1_id);
  EXPECT_EQ(store_.names.at(web1_id), "db1");
  EXPECT_EQ(fleet_.id_of("db1"), web1_id);
  EXPECT_TRUE(absl::IsNotFound(ask(&HostAdministration::rename, "web1", "x").status()));
  EXPECT_TRUE(absl::IsAlreadyExists(ask(&HostAdministration::rename, "db1", "web2").status()));
  EXPECT_TRUE(ask(&HostAdministration::rename, "db1", "db1").ok());
  for (const char* bad : {"", "a b", "a/b", "-a", "a.", "a\nb"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ask(&HostAdministration::rename, "db1", bad).status()))
        << bad;
  }
  // One that is just joining has it in the store already.
  store_.status = absl::AlreadyExistsError("UNIQUE");
  EXPECT_TRUE(absl::IsAlreadyExists(ask(&HostAdministration::rename, "db1", "web3").status()));
  EXPECT_EQ(fleet_.id_of("web3"), std::nullopt);
}

TEST_F(HostAdministrationTest, ARemovedHostIsGoneAndRevokedForGood) {
  const auto answer = ask(&HostAdministration::remove, "web1", "sold");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->name(), "web1");
  EXPECT_THAT(store_.removed, ElementsAre(web1_id));
  EXPECT_EQ(fleet_.id_of("web1"), std::nullopt);
  EXPECT_EQ(fleet_.counts().hosts, 1U);
  EXPECT_EQ(revocations_->all().front().kind, Revocation::Kind::kRemoved);
  EXPECT_TRUE(absl::IsNotFound(ask(&HostAdministration::remove, "web1").status()));
}

TEST_F(HostAdministrationTest, ARemovalThatTheStoreCannotTakeCutsTheHostOffAndIsTriedAgain) {
  store_.status = absl::ResourceExhaustedError("the disk is full");
  const absl::Status full = ask(&HostAdministration::remove, "web1").status();
  EXPECT_TRUE(absl::IsResourceExhausted(full));
  EXPECT_THAT(std::string(full.message()), HasSubstr("remove it again later"));
  EXPECT_EQ(fleet_.admit(web1_id, 3), Admission::kRevoked);
  store_.status = absl::OkStatus();
  EXPECT_TRUE(ask(&HostAdministration::remove, "web1").ok());
  EXPECT_EQ(fleet_.id_of("web1"), std::nullopt);
}

TEST_F(HostAdministrationTest, AReasonIsBounded) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      ask(&HostAdministration::revoke, "web1", std::string(201, 'x')).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ask(&HostAdministration::revoke, "web1", "\xff").status()));
  EXPECT_TRUE(ask(&HostAdministration::revoke, "web1", std::string(200, 'x')).ok());
}

TEST_F(HostAdministrationTest, AHostThatNobodyKnowsIsNotFound) {
  for (const Verb verb : {&HostAdministration::revoke, &HostAdministration::release,
                          &HostAdministration::rename, &HostAdministration::remove}) {
    const absl::Status status = ask(verb, "web9", "x").status();
    EXPECT_TRUE(absl::IsNotFound(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("muster-collector host list"));
  }
}

TEST_F(HostAdministrationTest, WhoWaitsForItsTurnFindsTheHostAsItIsThen) {
  HostTurns::Turn renewal;
  ASSERT_TRUE(
      turns_.take(web1_id, [&renewal](const HostTurns::Turn& turn) { renewal = turn; }).ok());
  std::vector<std::string> answers;
  const auto note = [&answers](const std::string& what) {
    return [&answers, what](const absl::StatusOr<v1::HostSummary>& answer) {
      answers.push_back(what + (answer.ok() ? " ok" : " no"));
    };
  };
  administration_.rename("web1", "db1", note("rename"));
  administration_.remove("web1", "", note("remove"));
  EXPECT_THAT(answers, IsEmpty());
  renewal.reset();
  EXPECT_THAT(answers, ElementsAre("rename ok", "remove no"));
}

}  // namespace
}  // namespace muster::collector

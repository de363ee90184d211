// tls_answers: whether every address of a target speaks TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/policy/served.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

constexpr const char* kShop = "shop.example.org";

TEST(TlsAnswers, WantsEveryAddressToSpeakTls) {
  const Control control = control_of("tls_answers");
  v1::TlsFacts facts = answering(service_for(kShop), chain_with({leaf_for(kShop)}));
  EXPECT_EQ(judge_target(control, facts).summary(), "192.0.2.7:443 answers, by TLSv1.3");
  v1::TlsService& second = *facts.add_services();
  second = service_for(kShop);
  second.set_address("192.0.2.8:443");
  second.set_answer(v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED);
  EXPECT_EQ(judge_target(control, facts).status(), v1::STATUS_PASS);
  EXPECT_EQ(judge_target(control, facts).summary(), "all 2 addresses answer");
  for (int answer = v1::TLS_ANSWER_ALERT; answer <= v1::TLS_ANSWER_PROXY_REFUSED; ++answer) {
    second.set_answer(static_cast<v1::TlsAnswer>(answer));
    const v1::Verdict verdict = judge_target(control, facts);
    EXPECT_EQ(verdict.status(), v1::STATUS_FAIL) << answer;
    EXPECT_THAT(verdict.summary(),
                ::testing::StartsWith("1 of 2 addresses does not answer: 192.0.2.8:443 "));
    EXPECT_EQ(verdict.subjects(0).subject(), "192.0.2.8:443");
    EXPECT_EQ(verdict.subjects(1).status(), v1::STATUS_PASS);
  }
  second.set_answer(v1::TLS_ANSWER_UNSPECIFIED);
  second.set_detail("no more file descriptors");
  EXPECT_EQ(judge_target(control, facts).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge_target(control, facts).summary(),
            "192.0.2.8:443 could not be asked (no more file descriptors)");
  second.set_answer(static_cast<v1::TlsAnswer>(99));
  EXPECT_EQ(judge_target(control, facts).status(), v1::STATUS_UNKNOWN);
}

TEST(TlsAnswers, IsUnknownOfAddressesThatMayNotBeDialledAndWhereThereIsNone) {
  const Control control = control_of("tls_answers");
  v1::TlsFacts facts = answering(service_for(kShop), chain_with({leaf_for(kShop)}));
  facts.add_not_allowed("198.51.100.1:443");
  EXPECT_EQ(judge_target(control, facts).summary(),
            "198.51.100.1:443 was not asked: targets.allow does not list it");
  EXPECT_EQ(judge_target(control, facts).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge_target(control_of("tls_strong"), facts).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge_target(control, {}).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge_target(control, facts, kNow + days(1)).status(), v1::STATUS_UNKNOWN) << "too old";
}

}  // namespace
}  // namespace muster::policy

// served_not_revoked: what is said of a certificate, and for how long that counts.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/policy/served_of_both.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

constexpr const char* kShop = "shop.example.org";

TEST(ServedNotRevoked, HearsTheStapleAndTheAuthorityAndIsNotApplicableWhereNobodyWasAsked) {
  struct Case {
    v1::Revocation revocation;
    // UNSPECIFIED: there is none.
    v1::Revocation staple;
    Duration staple_lasts;
    v1::Status status;
    std::string reason;
  };
  const v1::Revocation none = v1::REVOCATION_UNSPECIFIED;
  const v1::Revocation good = v1::REVOCATION_GOOD;
  const v1::Revocation revoked = v1::REVOCATION_REVOKED;
  const v1::Revocation unknown = v1::REVOCATION_UNKNOWN;
  const std::string old_staple =
      "its staple (OCSP) ended on 2026-11-21T12:00:00Z: the server does not fetch new ones";
  const std::vector<Case> cases = {
      {none,
       none,
       {},
       v1::STATUS_NOT_APPLICABLE,
       "nobody was asked whether shop.example.org is revoked"},
      {good, none, {}, v1::STATUS_PASS, "shop.example.org is not revoked"},
      {revoked, none, {}, v1::STATUS_FAIL, "shop.example.org is revoked"},
      {unknown, none, {}, v1::STATUS_UNKNOWN, "whether shop.example.org is revoked is not known"},
      {static_cast<v1::Revocation>(99),
       none,
       {},
       v1::STATUS_UNKNOWN,
       "whether shop.example.org is revoked is not known"},
      {good, good, kMicrosecond, v1::STATUS_PASS, "shop.example.org is not revoked"},
      {none, good, kMicrosecond, v1::STATUS_PASS,
       "shop.example.org is not revoked, says its staple"},
      {good, good, Duration(0), v1::STATUS_FAIL, old_staple},
      {unknown, good, Duration(0), v1::STATUS_FAIL, old_staple},
      {good, revoked, days(1), v1::STATUS_FAIL, "shop.example.org is revoked"},
      {none, unknown, days(1), v1::STATUS_UNKNOWN,
       "whether shop.example.org is revoked, its staple does not say"},
  };
  for (const Case& c : cases) {
    v1::TlsService service = service_for(kShop);
    service.set_revocation(c.revocation);
    if (c.staple != none) {
      service.mutable_staple()->set_status(c.staple);
      *service.mutable_staple()->mutable_next_update() = to_proto(kNow + c.staple_lasts);
    }
    const OfBoth found =
        of_both(control_of("served_not_revoked"), service, chain_with({leaf_for(kShop)}));
    EXPECT_EQ(found.status, c.status) << c.reason;
    EXPECT_EQ(found.reason, c.reason);
  }
  // A staple that says nothing of the leaf does not revoke it.
  v1::TlsService service = service_for(kShop);
  service.mutable_staple()->set_error("it is about another certificate");
  service.mutable_staple()->set_status(revoked);
  EXPECT_EQ(
      of_both(control_of("served_not_revoked"), service, chain_with({leaf_for(kShop)})).reason,
      "whether shop.example.org is revoked, its staple does not say (it is about another "
      "certificate)");
}

// It would be good for ever.
TEST(ServedNotRevoked, CountsAStapleThatSaysNoEndForAWeek) {
  const Control control = control_of("served_not_revoked");
  v1::TlsService service = service_for(kShop);
  service.mutable_staple()->set_status(v1::REVOCATION_GOOD);
  *service.mutable_staple()->mutable_this_update() = to_proto(kNow - days(7) + kMicrosecond);
  EXPECT_EQ(of_both(control, service, chain_with({leaf_for(kShop)})).status, v1::STATUS_PASS);
  *service.mutable_staple()->mutable_this_update() = to_proto(kNow - days(7));
  const OfBoth found = of_both(control, service, chain_with({leaf_for(kShop)}));
  EXPECT_EQ(found.status, v1::STATUS_UNKNOWN);
  EXPECT_EQ(found.reason,
            "its staple (OCSP) is of 2026-11-14T12:00:00Z and says no end: it counts for a week");
}

}  // namespace
}  // namespace muster::policy

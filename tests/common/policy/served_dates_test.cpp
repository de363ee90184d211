// served_certificate_valid and served_certificate_renewal: the dates of what is served.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/policy/served_of_both.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

constexpr const char* kShop = "shop.example.org";

TEST(ServedCertificateValid, HoldsTheLeafWhatIsServedWithItAndWhereItLeadsToTheirDates) {
  struct Case {
    v1::ServedChain chain;
    v1::Status status;
    std::string reason;
  };
  const v1::Certificate good = leaf_for(kShop);
  v1::ServedChain old_anchor = chain_with({good});
  old_anchor.set_anchor("CN=Root");
  *old_anchor.mutable_anchor_not_after() = to_proto(kNow);
  v1::Certificate undated = good;
  undated.clear_not_after();
  const std::vector<Case> cases = {
      {chain_with({good}), v1::STATUS_PASS, "shop.example.org is valid until 2027-01-20"},
      {chain_with({with_dates(good, kNow - days(9), kNow + kMicrosecond)}), v1::STATUS_PASS,
       "shop.example.org is valid until 2026-11-21"},
      {chain_with({with_dates(good, kNow - days(9), kNow)}), v1::STATUS_FAIL,
       "shop.example.org expired on 2026-11-21"},
      {chain_with({with_dates(good, kNow + kMicrosecond, kNow + days(9))}), v1::STATUS_FAIL,
       "shop.example.org is not valid before 2026-11-21T12:00:00Z"},
      {chain_with({good, authority(kNow - days(900), kNow - days(1))}), v1::STATUS_FAIL,
       "Issuing, served with it, expired on 2026-11-20"},
      {old_anchor, v1::STATUS_FAIL, "CN=Root, to which it leads, expired on 2026-11-21"},
      {chain_with({undated}), v1::STATUS_UNKNOWN,
       "the dates of shop.example.org could not be read"},
      // Whatever else is not known.
      {chain_with({undated, authority(kNow - days(900), kNow - days(1))}), v1::STATUS_FAIL,
       "Issuing, served with it, expired on 2026-11-20"},
  };
  for (const Case& c : cases) {
    const OfBoth found =
        of_both(control_of("served_certificate_valid"), service_for(kShop), c.chain);
    EXPECT_EQ(found.status, c.status) << c.reason;
    EXPECT_EQ(found.reason, c.reason);
  }
}

TEST(ServedCertificateRenewal, IsDueInTheLastThirdAndCountsAnAuthorityThatEndsBefore) {
  struct Case {
    v1::ServedChain chain;
    v1::Status status;
    std::string reason;
  };
  const v1::Certificate good = leaf_for(kShop);
  v1::ServedChain anchored = chain_with({good});
  anchored.set_anchor("CN=Root");
  *anchored.mutable_anchor_not_after() = to_proto(kNow + days(20));
  const std::vector<Case> cases = {
      {chain_with({good}), v1::STATUS_PASS,
       "shop.example.org ends on 2027-01-20, to be renewed from 2026-12-21"},
      // A certificate of 6 days is due for two, one of 47 days for 15 and a bit.
      {chain_with({with_dates(good, kNow - days(3), kNow + days(3))}), v1::STATUS_PASS,
       "shop.example.org ends on 2026-11-24, to be renewed from 2026-11-22"},
      {chain_with({with_dates(good, kNow - days(4), kNow + days(2))}), v1::STATUS_DUE,
       "shop.example.org ends on 2026-11-23 and is not renewed"},
      {chain_with({with_dates(good, kNow - days(32), kNow + days(15))}), v1::STATUS_DUE,
       "shop.example.org ends on 2026-12-06 and is not renewed"},
      {chain_with({with_dates(good, kNow - days(40), kNow + days(7))}), v1::STATUS_FAIL,
       "shop.example.org ends on 2026-11-28 and is not renewed"},
      {chain_with({good, authority(kNow - days(900), kNow + days(20))}), v1::STATUS_DUE,
       "Issuing, served with it, ends on 2026-12-11 and is not renewed"},
      {chain_with({with_dates(good, kNow - days(2), kNow + days(4)),
                   authority(kNow - days(900), kNow + days(20))}),
       v1::STATUS_PASS, "shop.example.org ends on 2026-11-25, to be renewed from 2026-11-23"},
      {anchored, v1::STATUS_DUE,
       "CN=Root, to which it leads, ends on 2026-12-11 and is not renewed"},
      {chain_with({with_dates(good, kNow - days(9), kNow)}), v1::STATUS_NOT_APPLICABLE,
       "shop.example.org expired on 2026-11-21"},
  };
  for (const Case& c : cases) {
    const OfBoth found =
        of_both(control_of("served_certificate_renewal"), service_for(kShop), c.chain);
    EXPECT_EQ(found.status, c.status) << c.reason;
    EXPECT_EQ(found.reason, c.reason);
  }
}

}  // namespace
}  // namespace muster::policy

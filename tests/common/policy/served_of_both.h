// One service, judged on a host's own socket and at a target: the code is one, and so must be the
// answer.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/common/policy/served.h"

namespace muster::testing {

// Valid from and until then.
inline v1::Certificate authority(TimePoint begins, TimePoint ends) {
  v1::Certificate certificate = with_dates(leaf_for("Issuing"), begins, ends);
  certificate.set_certificate_authority(true);
  return certificate;
}

struct OfBoth {
  v1::Status status;
  std::string reason;
};

// Of a service for shop.example.org.
inline OfBoth of_both(const policy::Control& control, const v1::TlsService& service,
                      const v1::ServedChain& chain) {
  const std::string at_443 = "nginx.service :443 shop.example.org: ";
  const v1::Verdict of_host = judge_host(control, serving(service, chain));
  const v1::Verdict of_target = judge_target(control, answering(service, chain));
  EXPECT_EQ(of_host.status(), of_target.status());
  EXPECT_EQ(of_host.subjects(0).subject(), "443/shop.example.org");
  EXPECT_EQ(of_target.subjects(0).subject(), "192.0.2.7:443");
  const std::string reason = of_host.subjects(0).reason();
  EXPECT_TRUE(reason.starts_with(at_443)) << reason;
  EXPECT_EQ(of_target.subjects(0).reason(), "192.0.2.7:443: " + reason.substr(at_443.size()));
  return {of_host.status(), reason.substr(at_443.size())};
}

}  // namespace muster::testing

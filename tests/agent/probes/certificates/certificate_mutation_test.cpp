// The fuzz target's promises over a few thousand damaged certificates. Same inputs at every run:
// the generator is seeded and std::mt19937 is specified to the bit.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/common/certificate_maker.h"
#include "tests/common/damaged_bytes.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace muster {
namespace {

constexpr int kRounds = 4000;

void feed(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

std::vector<std::string> seeds() {
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr certificate = test::self_signed(
      {.subject_alternative_names = {"DNS:example.org", "IP:192.0.2.1", "email:a@example.org",
                                     "URI:https://example.org/", "RID:1.2.3.4"},
       .extended_key_usages = {"serverAuth", "clientAuth"},
       .is_authority = true},
      key.get());
  const std::string pem = test::certificate_pem(certificate.get());
  return {test::certificate_der(certificate.get()), pem, pem + test::key_pem(key.get()) + pem};
}

TEST(CertificateParser, KeepsItsPromisesOverDamagedCertificates) {
  std::mt19937 random(20260101);
  const std::vector<std::string> whole = seeds();
  for (const std::string& seed : whole)
    feed(seed);
  for (int round = 0; round < kRounds; ++round)
    feed(test::damaged(whole[static_cast<size_t>(round) % whole.size()], random));
}

TEST(CertificateParser, KeepsItsPromisesOverEveryBeginningOfACertificate) {
  for (const std::string& seed : seeds()) {
    for (size_t size = 0; size < seed.size(); ++size)
      feed(seed.substr(0, size));
  }
}

}  // namespace
}  // namespace muster

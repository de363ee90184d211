// The fuzz target's promises over some thousand damaged key stores, keys and lists. Same inputs at
// every run, but for the keys in them.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "agent/probes/certificates/content_kind.h"
#include "tests/agent/probes/certificates/access_list_maker.h"
#include "tests/agent/probes/certificates/key_store_maker.h"
#include "tests/common/damaged_bytes.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace muster {
namespace {

constexpr int kRounds = 3000;

void feed(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

// Each with the byte before it that picks its reader.
std::vector<std::string> seeds() {
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr certificate = test::self_signed({}, key.get());
  const std::string der = test::certificate_der(certificate.get());
  const auto picked = [](char reader, const std::string& bytes) { return reader + bytes; };
  return {
      picked(0, test::make_pkcs12({.rounds = 1}, key.get(), certificate.get())),
      picked(0, test::make_pkcs12({.certificate_cipher = -1, .key_cipher = -1, .mac_rounds = -1},
                                  key.get(), certificate.get())),
      picked(
          1,
          test::JavaStore(kJksMagic).private_key("web", {der}).trusted("ca", der).finish("secret")),
      picked(1, test::JavaStore(kJceksMagic, 1).trusted("ca", der).secret_key("s").finish("x")),
      picked(2,
             "kind: Config\nusers: [{name: a, user: {client-certificate: a.pem, "
             "client-key-data: LS0tLS1CRUdJTg==}}]\nclusters: [{name: c, cluster: {}}]\n"),
      picked(3, test::key_pem(key.get())),
      picked(3, test::encrypted_key_pem(key.get(), "secret", 1)),
      picked(3, test::traditional_key_pem(key.get(), "secret")),
      picked(5,
             test::revocation_list_pem({.revoked = 2, .number = 9}, certificate.get(), key.get())),
      picked(6,
             test::revocation_list_der({.revoked = 2, .number = 9}, certificate.get(), key.get())),
      picked(7, test::access_list({{1, 6, 0}, {2, 4, 34}, {16, 7, 0}})),
      picked(7, "/a secret\n/b* other\n"),
  };
}

TEST(KeyStores, KeepTheirPromisesOverDamagedBytes) {
  std::mt19937 random(20260102);
  const std::vector<std::string> whole = seeds();
  for (const std::string& seed : whole)
    feed(seed);
  for (int round = 0; round < kRounds; ++round) {
    const std::string& seed = whole[static_cast<size_t>(round) % whole.size()];
    feed(seed[0] + test::damaged(seed.substr(1), random));
  }
}

TEST(KeyStores, KeepTheirPromisesOverBeginnings) {
  for (const std::string& seed : seeds()) {
    for (size_t size = 1; size < seed.size(); size += 7)
      feed(seed.substr(0, size));
  }
}

}  // namespace
}  // namespace muster

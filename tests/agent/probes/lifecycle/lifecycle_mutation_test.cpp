// The fuzz target's promises over a few thousand damaged files of each kind.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/common/damaged_bytes.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace muster::lifecycle {
namespace {

TEST(Lifecycle, KeepsItsPromisesOverDamagedFiles) {
  const std::vector<std::string> whole = {
      "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nSUPPORT_END=9999-12-31\n",
      "ID=ubuntu\n\nversion,series,eol,eol-esm\n22.04 LTS,jammy,9999-12-31,0000-01-01\n",
      "version,series,eol,eol-server,eol-esm,eol-legacy\n"
      "22.04 LTS,jammy,9999-12-31,2027-06-01,0000-01-01,2034-04-25\n",
      R"({"attached": true, "services": [{"name": "esm-infra", "status": "enabled"}]})",
      "Package: linux-image-6.5.0-45-generic\nStatus: install ok installed\n"
      "Source: linux-signed-hwe-6.5 (6.5.0)\n\nPackage: distro-info-data\n"
      "Status: install ok installed\nVersion: 0.58\n",
      "Types: deb\nURIs: https://deb.freexian.com/extended-lts\nEnabled: no\n\n",
      "ubuntu 22.04|jammy hwe-6.5 standard 2024-08-31 2024-04-24 https://example.org\n"
      "ubuntu * - - rolling 2026-11-22 https://example.org\n"};
  std::mt19937 random(20261122);
  for (const std::string& bytes : whole)
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  for (int round = 0; round < 2000; ++round) {
    const std::string bytes =
        test::damaged(whole[static_cast<size_t>(round) % whole.size()], random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
}

}  // namespace
}  // namespace muster::lifecycle

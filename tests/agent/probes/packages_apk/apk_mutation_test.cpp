// The fuzz target's promises over a few thousand damaged databases, indices and settings.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/agent/probes/packages_apk/alpine_root.h"
#include "tests/common/damaged_bytes.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace muster::packages_apk {
namespace {

TEST(ApkFormats, KeepTheirPromisesOverDamagedFiles) {
  const std::string packages =
      test::paragraph("zlib", "1.3.1_rc2-r0", "o:zlib\ns:edge\nf:fs\nF:boot\nR:vmlinuz-lts\n") +
      test::paragraph("linux-lts", "6.6.31-r0", "F:lib/modules/6.6.31-0-lts\n");
  const std::vector<std::string> whole = {
      packages, test::index_archive({.packages = packages}), "1.2.3_rc1\n1.2.3\n1.2.03a_p1~ab-r2\n",
      "@edge https://user:pass@mirror.example.org/alpine/v3.20/main a ${b}\nset b=${APK_ARCH}\n",
      "zlib@edge>=1.3<2\nnginx=1.26.1-r0\n!gone\nlocal><Q1abc=\n"};
  std::mt19937 random(20261122);
  for (int round = 0; round < 4000; ++round) {
    const std::string bytes =
        test::damaged(whole[static_cast<size_t>(round) % whole.size()], random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
}

}  // namespace
}  // namespace muster::packages_apk

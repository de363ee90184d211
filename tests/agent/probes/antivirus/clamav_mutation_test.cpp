// The fuzz target's promises over a few thousand damaged files of each kind.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/common/damaged_bytes.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace muster::antivirus {
namespace {

using namespace std::string_literals;

TEST(ClamavTexts, KeepTheirPromisesWhenDamaged) {
  const std::vector<std::string> whole = {
      "ClamAV-VDB:22 Nov 2026 18-41 +0000:27500:1:216:029c4ea4:X:muster:1795372876 ",
      "1: PONG\0002: ClamAV 1.4.6/27500/Sun Nov 22 18:41:16 2026\0003: POOLS: 1\n\nSTATE: VALID "
      "PRIMARY\nQUEUE: 0 items\n\tSTATS 0.000075 \nEND\0"s,
      "Sun Nov 22 18:58:20 2026 -> ClamAV update process started at Sun Nov 22 18:58:20 2026\n"
      "Sun Nov 22 18:58:20 2026 -> ERROR: Update failed.\n"
      "ClamAV update process started at Sun Nov 22 19:58:20 2026\n"
      "daily.cld updated (version: 27501, sigs: 1)\n",
      "---------------------------------------------------------\n/srv/a: Eicar FOUND\n"
      "----------- SCAN SUMMARY -----------\nInfected files: 1\nStart Date: 2026:11:22 18:58:20\n",
      "0 3 * * * root clamscan -r --log=/var/log/scan.log /\n",
      "1 0 systemd\n700 0 clamonacc\n",
      "[Service]\nExecStart=\nExecStart=/usr/bin/aide --check\n",
      "warning\n{\"healthy\": true, \"a\": {\"b\": \"x\"}}\n",
      "2026-11-22T18:41:17.5+01:00"};
  std::mt19937 random(20261122);
  for (const std::string& bytes : whole) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
  for (int round = 0; round < 3000; ++round) {
    const std::string bytes =
        test::damaged(whole[static_cast<size_t>(round) % whole.size()], random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
}

}  // namespace
}  // namespace muster::antivirus

// The fuzz target's promises over a few thousand damaged files of each kind.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/common/damaged_bytes.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace muster::intrusion_detection {
namespace {

TEST(IntrusionDetection, KeepsItsPromisesOverDamagedFiles) {
  const std::vector<std::string> whole = {
      "Start timestamp: 2026-11-22 18:39:58 +0100 (AIDE 0.18.3)\n"
      "AIDE found differences between database and filesystem!!\n  Added entries:\t\t1\n"
      "  Changed entries:\t\t18446744073709551615\nEnd timestamp: 2026-11-22 18:40:03 +0100\n",
      "aide run on host started at 2026-11-22 01:50:00.\n"
      "*  AIDE returned with exit code 17. Invalid configuration!  *\n",
      "{\n\"outline\": \"AIDE found NO differences between\",\n\"number_of_entries\": "
      "{\"added\": 1, \"removed\": 2}\n}\n",
      "@@define DBDIR /var/lib/aide\ndatabase_in=file:@@{DBDIR}/aide.db\n@@include /etc/x y\n",
      "# State\nstatus='connected'\nlast_keepalive='2026-11-22 11:59:37'\nmsg_sent='12928'\n"
      "msg_buffer='35'\n",
      "<ossec_config><client><server><address>192.0.2.1</address></server></client><syscheck>"
      "<!-- x --><directories realtime=\"yes\">/etc</directories></syscheck></ossec_config>\n",
      "2026/11/22 09:30:21 wazuh-syscheckd: INFO: (6008): File integrity monitoring scan "
      "started.\n2026/11/22 11:00:00 wazuh-agentd: WARNING: Agent buffer is full: x\n",
      "[10:43:29] Running Rootkit Hunter version 1.4.6 on host\n"
      "[10:43:29] Info: Start date is Sun Nov 22 10:43:29 UTC 2026\n"
      "[10:43:30] Starting system checks...\n[10:44:07] Warning: x\n"
      "[10:44:11] Possible rootkits: 1\n[10:44:11] Info: End date is Sun Nov 22 10:44:11 UTC "
      "2026\n",
      "ALERT  :  [2026-11-22T10:45:17+0000] msg=<START>, program=<Samhain>\n"
      "MARK   :  [2026-11-22T10:45:18+0000] msg=<File check starting.>\n"
      "CRIT   :  [2026-11-22T10:45:18+0000] msg=<POLICY MISSING>, path=</srv/tree/n>\n",
      "--disable_events=false\n{\n// x\n\"options\": {\"a\": \"b\"},\n\"file_paths\": {\"etc\": "
      "[\"/etc/%%\"]}}\n"};
  std::mt19937 random(20261122);
  for (const std::string& bytes : whole)
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  for (int round = 0; round < 3000; ++round) {
    const std::string bytes =
        test::damaged(whole[static_cast<size_t>(round) % whole.size()], random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
}

}  // namespace
}  // namespace muster::intrusion_detection

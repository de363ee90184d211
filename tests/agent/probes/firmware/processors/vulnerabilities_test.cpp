#include "agent/probes/firmware/processors/vulnerabilities.h"

#include <gtest/gtest.h>

#include <string>

namespace muster::firmware {
namespace {

// Words of the kernel's arch/x86/kernel/cpu/bugs.c, of Linux 4.15 to 6.12.
TEST(ParseVulnerability, TellsFromTheKernelsWordsHowTheProcessorsStand) {
  const struct {
    std::string_view words;
    v1::VulnerabilityState state;
  } kCases[] = {
      {"Not affected\n", v1::VULNERABILITY_STATE_NOT_AFFECTED},
      {"Mitigation: PTI\n", v1::VULNERABILITY_STATE_MITIGATED},
      {"Mitigation: Retpolines; STIBP: disabled; RSB filling; PBRSB-eIBRS: Not affected; BHI: "
       "Retpoline\n",
       v1::VULNERABILITY_STATE_MITIGATED},
      {"Mitigation: Clear CPU buffers; SMT vulnerable\n", v1::VULNERABILITY_STATE_MITIGATED},
      {"KVM: Mitigation: Split huge pages\n", v1::VULNERABILITY_STATE_MITIGATED},
      {"Vulnerable\n", v1::VULNERABILITY_STATE_VULNERABLE},
      {"Vulnerable: Clear CPU buffers attempted, no microcode; SMT Host state unknown\n",
       v1::VULNERABILITY_STATE_VULNERABLE},
      {"Vulnerable, IBPB: disabled, STIBP: disabled\n", v1::VULNERABILITY_STATE_VULNERABLE},
      {"Processor vulnerable\n", v1::VULNERABILITY_STATE_VULNERABLE},
      {"KVM: Vulnerable\n", v1::VULNERABILITY_STATE_VULNERABLE},
      // A mitigation of a part.
      {"Mitigation: Enhanced IBRS; IBPB: conditional; PBRSB-eIBRS: SW sequence; BHI: Vulnerable\n",
       v1::VULNERABILITY_STATE_VULNERABLE},
      // The kernel does not know.
      {"Unknown: Dependent on hypervisor status\n", v1::VULNERABILITY_STATE_UNSPECIFIED},
      {"Unknown: No mitigations\n", v1::VULNERABILITY_STATE_UNSPECIFIED},
      // Nor does the probe: unknown is never healthy.
      {"", v1::VULNERABILITY_STATE_UNSPECIFIED},
      {"Not affected, they say", v1::VULNERABILITY_STATE_UNSPECIFIED},
      {"Mitigated", v1::VULNERABILITY_STATE_UNSPECIFIED},
      {"not affected", v1::VULNERABILITY_STATE_UNSPECIFIED},
  };
  for (const auto& [words, state] : kCases)
    EXPECT_EQ(parse_vulnerability("spectre_v2", words).state(), state) << words;
}

TEST(ParseVulnerability, KeepsTheKernelsWordsWithinTheirBound) {
  EXPECT_EQ(parse_vulnerability("l1tf", "Mitigation: PTE Inversion\n").detail(),
            "Mitigation: PTE Inversion");
  const auto of_length = [](size_t length) {
    return parse_vulnerability("mds", "Mitigation: " + std::string(length - 12, 'x')).detail();
  };
  EXPECT_EQ(of_length(256).size(), 256u);
  EXPECT_LE(of_length(257).size(), 256u);
  EXPECT_EQ(parse_vulnerability("m\ns", "Not\x01 affected").state(),
            v1::VULNERABILITY_STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::firmware

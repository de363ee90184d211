#include "agent/probes/firmware/efi/boot_trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/firmware/example_authority.h"
#include "tests/agent/probes/firmware/machine.h"

namespace muster::firmware {
namespace {

using test::Machine;
using test::signature_list;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kYes("\1", 1);
constexpr std::string_view kNo("\0", 1);

TEST(BootTrust, SaysWhetherSignedProgramsAloneAreStarted) {
  struct Case {
    std::string_view secure_boot;
    std::string_view setup_mode;
    v1::SecureBootState state;
  };
  for (const Case& each :
       {Case{kYes, kNo, v1::SECURE_BOOT_STATE_ON}, Case{kNo, kNo, v1::SECURE_BOOT_STATE_OFF},
        Case{kNo, kYes, v1::SECURE_BOOT_STATE_SETUP},
        // Firmware that cannot has neither.
        Case{"", "", v1::SECURE_BOOT_STATE_OFF}}) {
    Machine machine;
    machine.add_variable("BootOrder-8be4df61-93ca-11d2-aa0d-00e098032b8c", "\1");
    if (!each.secure_boot.empty()) machine.add_variable(test::kSecureBoot, each.secure_boot);
    if (!each.setup_mode.empty()) machine.add_variable(test::kSetupMode, each.setup_mode);
    const BootTrust trust = look_at_boot_trust(machine.root());
    EXPECT_EQ(trust.secure_boot.state(), each.state);
    EXPECT_THAT(trust.found.unreadable, IsEmpty());
  }
}

TEST(BootTrust, OfAMachineWithoutUefiIsToldApartFromOneThatHidesItsFirmware) {
  Machine machine;
  machine.files().make_directory("/sys/firmware");
  EXPECT_EQ(look_at_boot_trust(machine.root()).secure_boot.state(),
            v1::SECURE_BOOT_STATE_UNSPECIFIED);
  machine.files().make_directory("/sys/firmware/dmi");
  EXPECT_EQ(look_at_boot_trust(machine.root()).secure_boot.state(), v1::SECURE_BOOT_STATE_NO_UEFI);
}

TEST(BootTrust, IsNotKnownWhereTheKernelDoesNotAskTheFirmware) {
  Machine machine;
  machine.files().make_directory("/sys/firmware/efi/efivars");
  machine.files().make_directory("/sys/firmware/acpi");
  const BootTrust trust = look_at_boot_trust(machine.root());
  EXPECT_EQ(trust.secure_boot.state(), v1::SECURE_BOOT_STATE_UNSPECIFIED);
  EXPECT_THAT(trust.found.components, IsEmpty());
  ASSERT_EQ(trust.found.unreadable.size(), 1u);
  EXPECT_THAT(trust.found.unreadable[0].error(), HasSubstr("efivarfs is not mounted"));
}

TEST(BootTrust, NamesAuthoritiesOnceForEachList) {
  Machine machine;
  machine.add_variable(test::kSecureBoot, kYes);
  const std::string list = signature_list(test::kOfCertificates, {test::example_authority()});
  machine.add_variable(test::kAllowed, list + list);
  machine.add_variable(test::kPlatformKey, list);
  const BootTrust trust = look_at_boot_trust(machine.root());
  ASSERT_EQ(trust.secure_boot.authorities_size(), 2);
  EXPECT_EQ(trust.secure_boot.authorities(0).list(), "PK");
  const v1::SecureBootAuthority& authority = trust.secure_boot.authorities(1);
  EXPECT_EQ(authority.list(), "db");
  EXPECT_EQ(authority.subject(), "CN=Example UEFI CA 2023,O=Example");
  EXPECT_EQ(authority.fingerprint(), test::kExampleFingerprint);
  // 2041-11-23.
  EXPECT_EQ(authority.not_after().seconds() / 86400, 26259);
  EXPECT_THAT(trust.found.unreadable, IsEmpty());
}

TEST(BootTrust, SaysWhatOfAListCannotBeRead) {
  Machine machine;
  machine.add_variable(test::kSecureBoot, kYes);
  machine.add_variable(test::kAllowed,
                       signature_list(test::kOfCertificates, {"no certificate"}) +
                           signature_list(test::kOfCertificates, {test::example_authority()}) +
                           "rest");
  machine.files().write(std::string("/sys/firmware/efi/efivars/") + test::kPlatformKey, "abc");
  const BootTrust trust = look_at_boot_trust(machine.root());
  EXPECT_EQ(trust.secure_boot.authorities_size(), 1);
  ASSERT_EQ(trust.found.unreadable.size(), 3u);
  EXPECT_THAT(trust.found.unreadable[0].path(), EndsWith(test::kPlatformKey));
  EXPECT_EQ(trust.found.unreadable[0].error(), "it has 3 bytes, less than its attributes");
  EXPECT_THAT(trust.found.unreadable[1].path(), EndsWith(test::kAllowed));
  EXPECT_EQ(trust.found.unreadable[1].error(), "4 bytes follow its last list");
  EXPECT_THAT(trust.found.unreadable[2].error(), HasSubstr("a certificate of it: "));
}

TEST(BootTrust, CountsRevokedProgramsAsTheVersionOfTheirList) {
  Machine machine;
  machine.add_variable(test::kSecureBoot, kYes);
  const std::string digest(32, '\x11');
  const std::string list = signature_list(test::kOfPrograms, {digest, digest}) +
                           signature_list(test::kOfCertificates, {"revoked"});
  machine.add_variable(test::kRevoked, list);
  BootTrust trust = look_at_boot_trust(machine.root());
  ASSERT_EQ(trust.found.components.size(), 1u);
  EXPECT_EQ(trust.found.components[0].kind(), v1::FIRMWARE_KIND_REVOCATION_LIST);
  EXPECT_EQ(trust.found.components[0].version(), "2");
  EXPECT_EQ(trust.secure_boot.revoked_count(), 3u);
  EXPECT_EQ(trust.secure_boot.revoked_digest().size(), 64u);
  // Half a list is no version: what is left of a new one could pass for an old one.
  machine.add_variable(test::kRevoked, list.substr(0, list.size() - 1));
  trust = look_at_boot_trust(machine.root());
  ASSERT_EQ(trust.found.components.size(), 1u);
  EXPECT_EQ(trust.found.components[0].version(), "");
  EXPECT_EQ(trust.found.unreadable.size(), 1u);
}

TEST(BootTrust, WithoutAListOfRevokedProgramsRevokesNone) {
  Machine machine;
  machine.add_variable(test::kSecureBoot, kYes);
  const BootTrust trust = look_at_boot_trust(machine.root());
  ASSERT_EQ(trust.found.components.size(), 1u);
  EXPECT_EQ(trust.found.components[0].version(), "0");
  EXPECT_EQ(trust.secure_boot.revoked_digest(), "");
}

TEST(BootTrust, HasTheLevelOfShim) {
  const auto level = [](std::string_view text) {
    Machine machine;
    machine.add_variable(test::kSecureBoot, kYes);
    machine.add_variable(test::kSbatLevel, text);
    return look_at_boot_trust(machine.root()).secure_boot.sbat_level();
  };
  EXPECT_EQ(level("sbat,1,2023012900\nshim,2\ngrub,3\n"), "2023012900");
  EXPECT_EQ(level(std::string_view("sbat,1,2021030218\0", 18)), "2021030218");
  EXPECT_EQ(level("sbat,1\n"), "");
  EXPECT_EQ(level("shim,2,2023012900\n"), "");
  EXPECT_EQ(level("sbat,1," + std::string(100, '9')).size(), 32u);
}

}  // namespace
}  // namespace muster::firmware

// Versions as vendors write them on what they sell. What is known of their order is from their
// release notes and from what runs (tests/common/firmware/version_pairs.txt has the sources). What
// tells two lines of firmware apart is the key's family: versions of two lines have no order.
// Nothing where a text is not of the form. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "common/firmware/version_key.h"

namespace muster::firmware {

// System ROMs of HPE: the family of servers, the number, the day: "U30 v2.78 (03/16/2023)". Before
// the ninth generation there was no number: "J06 (11/02/2015)". The family may be absent, as in
// firmware packages: "v1.40 (04/02/2026)", "3.30_09-21-2023".
std::optional<VersionKey> read_hpe_rom(std::string_view text);

// Its service processors: "2.78 Mar 16 2023", "iLO 5 v2.78".
std::optional<VersionKey> read_hpe_ilo(std::string_view text);

// Builds of Lenovo. Of servers three characters of the line, three that count, and a letter:
// "IVE178E", in SMBIOS "-[IVE160M-2.70]-". Of ThinkPads five of the line, two that count, and the
// letter of a variant: "N2IETA2W (1.80 )". 9 is followed by A. The number that is told beside must
// not say the contrary: test builds have builds that are out of line.
std::optional<VersionKey> read_lenovo_build(std::string_view text);

// Drives of Intel and Solidigm: four characters of the line, and four that count, of which letters
// in front are those of who resells it: "VDV10184"; "VDV1DP25" is Dell's.
std::optional<VersionKey> read_intel_drive(std::string_view text);

// Of Samsung: three letters of the line, two that count, two of a variant, and a letter:
// "EDA7602Q", "GDC5A02Q". For consumers the first alone counts: "2B2QEXM7".
std::optional<VersionKey> read_samsung_drive(std::string_view text);

// Of Micron and Crucial: four of the line, three that count: "E2MU200", "M3CR023".
std::optional<VersionKey> read_micron_drive(std::string_view text);

// Of Seagate: two letters of the line, two that count: "SN05", "CC4H".
std::optional<VersionKey> read_seagate_drive(std::string_view text);

// Capital letters and digits, at least one digit at the end: the digits at the end count, if there
// are as many of them, what is before them is the line: "0ACJT018", "SU6SM100", "0105".
std::optional<VersionKey> read_code(std::string_view text);

// Adapters of NVIDIA (Mellanox): the first number is that of the chip, the board's id (PSID) is the
// family: "16.35.3502 (MT_0000000080)".
std::optional<VersionKey> read_mellanox(std::string_view text);

// Of Broadcom, as their drivers tell: "220.0.59.0/pkg 220.0.83.0" (bnxt), "5720-v1.39 NCSI
// v1.5.12.0" (tg3), "bc 5.2.7 phy baa0.105" (bnx2x), "20.02.94 boot". The package must not say the
// contrary; other words have no order.
std::optional<VersionKey> read_broadcom_nic(std::string_view text);

// Of Intel: the NVM's version, its id, which has no order, and the version of the combined image:
// "6.20 0x80004200 1.3353.0", "1.63, 0x800009fa".
std::optional<VersionKey> read_intel_nic(std::string_view text);

// Cisco UCS: "4.2(3e)", and since 4.3 also with a build: "4.3(1.230097)".
std::optional<VersionKey> read_cisco_ucs(std::string_view text);

}  // namespace muster::firmware

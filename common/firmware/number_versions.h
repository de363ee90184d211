// Versions that are numbers: fwupd's formats as texts, numbers between dots, and days. Nothing
// where a text is not of the form. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/firmware/version_key.h"
#include "common/firmware/version_scanner.h"

namespace muster::firmware {

// Exactly so many numbers between dots.
std::optional<VersionKey> read_numbers(std::string_view text, size_t count);
// Two or four, none above 99.
std::optional<VersionKey> read_bcd(std::string_view text);
// With "0x" or without.
std::optional<VersionKey> read_hex(std::string_view text);
// Two bytes of two hexadecimal digits.
std::optional<VersionKey> read_compal_bios(std::string_view text);

// "v7.00.30.00", "51.16.0-5150".
std::optional<VersionKey> read_dotted(std::string_view text);
std::optional<VersionKey> read_dotted_hex(std::string_view text);
std::optional<VersionKey> read_dotted_letter(std::string_view text);

// A day of the calendar from 1970 on, as year, month and day: each as many digits as the letters of
// `form` have ("mm/dd/yyyy"), and between them what it has.
std::optional<std::vector<uint64_t>> take_day(VersionScanner& scanner, std::string_view form);
std::optional<VersionKey> read_day(std::string_view text, std::string_view form);

}  // namespace muster::firmware

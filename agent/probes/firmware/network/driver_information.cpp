#include "agent/probes/firmware/network/driver_information.h"

#include <linux/ethtool.h>

#include <algorithm>
#include <cstddef>

#include "common/text.h"

namespace muster::firmware {
namespace {

// Bytes a field has at most; one that is not printable takes four in words.
constexpr size_t kLongestText = 4 * size_t{ETHTOOL_FWVERS_LEN};

// A text in a field that it need not fill.
std::string_view field(std::string_view bytes, size_t offset, size_t size) {
  const std::string_view whole = bytes.substr(offset, size);
  return whole.substr(0, whole.find('\0'));
}

// What drivers write where there is none.
bool is_none(std::string_view text) {
  constexpr std::string_view kNone = "n/a";
  return text.empty() ||
         std::equal(text.begin(), text.end(), kNone.begin(), kNone.end(), [](char one, char other) {
           return (one >= 'A' && one <= 'Z' ? one - 'A' + 'a' : one) == other;
         });
}

std::string text_of(std::string_view field) {
  const std::string_view trimmed = trim(field);
  return is_none(trimmed) ? std::string() : printable(trimmed, kLongestText);
}

}  // namespace

absl::StatusOr<DriverInformation> parse_driver_information(std::string_view bytes) {
  if (bytes.size() < sizeof(ethtool_drvinfo)) {
    return absl::InvalidArgumentError("what a driver tells of itself is cut off");
  }
  const std::string_view firmware =
      field(bytes, offsetof(ethtool_drvinfo, fw_version), ETHTOOL_FWVERS_LEN);
  DriverInformation information{.driver = text_of(field(bytes, offsetof(ethtool_drvinfo, driver),
                                                        sizeof(ethtool_drvinfo::driver))),
                                .version = text_of(field(bytes, offsetof(ethtool_drvinfo, version),
                                                         sizeof(ethtool_drvinfo::version))),
                                .firmware_version = text_of(firmware),
                                .bus = text_of(field(bytes, offsetof(ethtool_drvinfo, bus_info),
                                                     sizeof(ethtool_drvinfo::bus_info)))};
  // The kernel ends what it cuts with a NUL; a driver may leave that out.
  information.may_be_cut =
      !information.firmware_version.empty() && firmware.size() >= ETHTOOL_FWVERS_LEN - 1;
  return information;
}

}  // namespace muster::firmware

// Any bytes as what a disk answers: what it is, its sense data, its log page of warnings.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/firmware/disks/ata_identity.h"
#include "agent/probes/firmware/disks/ata_registers.h"
#include "agent/probes/firmware/disks/disk_bytes.h"
#include "agent/probes/firmware/disks/inquiry.h"
#include "agent/probes/firmware/disks/sense.h"
#include "agent/probes/firmware/disks/warnings.h"
#include "common/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const std::string& text) {
  require(text.size() <= muster::firmware::kLongestDiskText);
  require(muster::printable(text, muster::firmware::kLongestDiskText) == text);
}

void check(const muster::firmware::AtaIdentity& disk) {
  check(disk.model);
  check(disk.serial);
  check(disk.firmware);
  require(!disk.rotation_rate || *disk.rotation_rate == 0 || *disk.rotation_rate > 0x400);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace muster::firmware;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto inquiry = parse_inquiry(bytes);
  if (inquiry.ok()) {
    check(inquiry->vendor);
    check(inquiry->product);
    check(inquiry->revision);
  }
  const auto serial = parse_unit_serial(bytes);
  if (serial.ok()) check(*serial);
  const auto information = parse_ata_information(bytes);
  if (information.ok()) check(information->disk);
  const auto identity = parse_ata_identity(bytes);
  if (identity.ok()) check(*identity);
  const auto sense = parse_sense(bytes);
  if (sense.ok()) check(sense_text(*sense));
  for (const int type : {0, 3, 9})
    require(sense_descriptor(bytes, static_cast<uint8_t>(type)).size() <= bytes.size());
  require(!parse_smart_status(bytes).ok() || sense.ok());
  const auto warning = parse_disk_warning(bytes);
  if (warning.ok()) {
    check(warning->words);
    require(!warning->predicts_failure || !warning->words.empty());
  }
  return 0;
}

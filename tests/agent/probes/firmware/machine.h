// A machine for tests of what is read of sysfs and procfs: devices below /sys/devices, and links to
// these from classes and buses, as the kernel has them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/agent/probes/test_root.h"

namespace muster::test {

using Files = std::vector<std::pair<std::string, std::string>>;

class Machine {
 public:
  const std::string& root() const { return root_.path(); }
  TestRoot& files() { return root_; }

  void add_pci_device(const std::string& address, const std::string& driver) {
    const std::string device = device_of(address);
    root_.make_directory(device);
    root_.make_directory("/sys/bus/pci/drivers/" + driver);
    root_.link(device + "/driver", "../../../../bus/pci/drivers/" + driver);
    root_.link("/sys/bus/pci/devices/" + address,
               "../../../devices/pci0000:00/0000:00:02.0/" + address);
  }
  // "0x15b3", "0x1017".
  void set_pci_ids(const std::string& address, const std::string& vendor,
                   const std::string& device) {
    write_all(device_of(address), {{"vendor", vendor}, {"device", device}});
  }
  // A device of a class, behind one at PCI: "nvme", "infiniband". `between` is what lies between
  // the two in the path of the device.
  void add_device(const std::string& of_class, const std::string& name, const std::string& address,
                  const Files& files, const std::string& between = {}) {
    const std::string parent = device_of(address) + between;
    const std::string directory = fmt::format("{}/{}/{}", parent, of_class, name);
    root_.make_directory(directory);
    write_all(directory, files);
    root_.link(directory + "/device", "../..");
    root_.link(fmt::format("/sys/class/{}/{}", of_class, name), "../.." + directory.substr(4));
  }
  void add_scsi_host(const std::string& name, const std::string& address, const Files& files) {
    add_device("scsi_host", name, address, files, "/" + name);
  }
  // `path` from the adapter to the disk: "/host0/target0:0:0/0:0:0:0". `removable`: "0" or "1".
  void add_disk(const std::string& name, const std::string& address, const std::string& path,
                const std::string& removable, const Files& files) {
    const std::string device = device_of(address) + path;
    write_all(device, files);
    const std::string directory = fmt::format("{}/block/{}", device, name);
    root_.write(directory + "/removable", removable + "\n");
    root_.link(directory + "/device", "../..");
    root_.link("/sys/block/" + name, ".." + directory.substr(4));
  }
  void add_processors(uint32_t first, uint32_t count, std::string_view microcode) {
    for (uint32_t i = first; i < first + count; ++i) {
      cpuinfo_ += fmt::format(
          "processor\t: {}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
          "model name\t: Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz\nstepping\t: 7\n"
          "microcode\t: {}\n\n",
          i, microcode);
    }
    root_.write("/proc/cpuinfo", cpuinfo_);
  }
  void add_variable(const std::string& name, std::string_view value) {
    // Non-volatile, in boot services and at run time.
    root_.write("/sys/firmware/efi/efivars/" + name,
                std::string("\x07\0\0\0", 4) + std::string(value));
  }

 private:
  static std::string device_of(const std::string& address) {
    return "/sys/devices/pci0000:00/0000:00:02.0/" + address;
  }
  void write_all(const std::string& directory, const Files& files) {
    root_.make_directory(directory);
    for (const auto& [file, content] : files)
      root_.write(directory + "/" + file, content + "\n");
  }

  TestRoot root_;
  std::string cpuinfo_;
};

// Variables of UEFI by what they are for.
inline constexpr const char* kSecureBoot = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
inline constexpr const char* kSetupMode = "SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c";
inline constexpr const char* kPlatformKey = "PK-8be4df61-93ca-11d2-aa0d-00e098032b8c";
inline constexpr const char* kAllowed = "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f";
inline constexpr const char* kRevoked = "dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f";
inline constexpr const char* kSbatLevel = "SbatLevelRT-605dab50-e046-4300-abb6-3dd810dd8b23";

// EFI_SIGNATURE_LIST (UEFI 2.10, 32.4.1) with entries of one size, each of which its owner
// precedes.
inline std::string signature_list(std::string_view type, const std::vector<std::string>& entries) {
  const auto number = [](size_t value) {
    std::string bytes;
    for (size_t i = 0; i < 4; ++i)
      bytes += static_cast<char>(value >> (8 * i));
    return bytes;
  };
  const size_t entry = 16 + (entries.empty() ? 0 : entries.front().size());
  std::string list =
      std::string(type) + number(28 + entries.size() * entry) + number(0) + number(entry);
  for (const std::string& each : entries)
    list += std::string(16, '\x77') + each;
  return list;
}
// EFI_CERT_X509_GUID and EFI_CERT_SHA256_GUID as bytes.
inline constexpr std::string_view kOfCertificates =
    "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72";
inline constexpr std::string_view kOfPrograms =
    "\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28";

}  // namespace muster::test

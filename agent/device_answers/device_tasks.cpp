#include "agent/device_answers/device_tasks.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/capability.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "agent/device_answers/ask_device.h"
#include "common/descriptor.h"

namespace muster::answers {
namespace {

using std::chrono::seconds;
using Names = std::vector<std::string>;

// NVM Express Base Specification 2.0c, 5.17 and 5.16: bits 16 to 31 of a log's dword are how many
// dwords it has, less one.
constexpr NvmeCommand kIdentify{0x06, 0x01, 4096};
constexpr NvmeCommand kHealth{0x02, 127U << 16 | 0x02, 512};
constexpr NvmeCommand kFirmwareSlots{0x02, 127U << 16 | 0x03, 512};

// ATA PASS-THROUGH (16) of SAT-4: SMART RETURN STATUS without data, with the registers in sense
// data (ACS-3 7.48); READ LOG EXT of one block of the log 04h, page 07h (7.24, A.5.7).
constexpr std::array<uint8_t, 16> kSmartStatus{0x85, 0x06, 0x20, 0, 0xda, 0, 0,    0,
                                               0,    0,    0x4f, 0, 0xc2, 0, 0xb0, 0};
constexpr std::array<uint8_t, 16> kSolidState{0x85, 0x09, 0x0e, 0, 0, 0, 0x01, 0,
                                              0x04, 0,    0x07, 0, 0, 0, 0x2f, 0};
constexpr size_t kAtaBlock = 512;
// LOG SENSE of SPC-4 6.8: current values of the page 2Fh, at most 252 bytes.
constexpr uint8_t kLogBytes = 252;
constexpr std::array<uint8_t, 10> kWarnings{0x4d, 0, 0x40 | 0x2f, 0, 0, 0, 0, 0, kLogBytes, 0};

// IPMI 2.0: Get Device ID (20.1), Get SEL Info (31.2).
constexpr uint8_t kApplication = 0x06;
constexpr uint8_t kStorage = 0x0a;
constexpr uint8_t kGetDeviceId = 0x01;
constexpr uint8_t kGetEventLogInfo = 0x40;

// Letters, digits and what else the kernel has in names of devices: nothing that leads elsewhere.
bool is_name(std::string_view name) {
  constexpr std::string_view kOthers = "_-.:@";
  return !name.empty() && name.front() != '.' && name.size() <= 32 &&
         std::all_of(name.begin(), name.end(), [kOthers](unsigned char letter) {
           return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                  (letter >= 'A' && letter <= 'Z') ||
                  kOthers.find(static_cast<char>(letter)) != kOthers.npos;
         });
}

bool is_numbered(std::string_view name, std::string_view kind) {
  return name.starts_with(kind) && name.size() > kind.size() &&
         name.find_first_not_of("0123456789", kind.size()) == std::string_view::npos;
}

// By length and letters, as the kernel counts.
Names names_in(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(directory.c_str()), ::closedir);
  Names names;
  while (const dirent* const entry = listing ? ::readdir(listing.get()) : nullptr) {
    if (is_name(entry->d_name)) names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end(), [](const std::string& one, const std::string& other) {
    return one.size() != other.size() ? one.size() < other.size() : one < other;
  });
  return names;
}

// The line of a file of sysfs, empty if it has none.
std::string line_of(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 256> block{};
  const ssize_t count = file.get() < 0 ? -1 : ::read(file.get(), block.data(), block.size());
  std::string text(block.data(), static_cast<size_t>(std::max<ssize_t>(count, 0)));
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

class TaskList {
 public:
  explicit TaskList(const DevicePlaces& places) : places_(places) {}

  // Of those in `directory` that are of the kind, the first `most`.
  template <typename IsOfKind, typename Add>
  void each(const char* directory, const char* kind, size_t most, IsOfKind is_of_kind, Add add) {
    size_t count = 0;
    for (const std::string& name : names_in(places_.sys + directory)) {
      if (is_of_kind(name) && ++count <= most) add(name);
    }
    if (count <= most) return;
    const auto left = static_cast<int32_t>(count - most);
    tasks_.push_back({.name = std::string(kind) + "/left-out", .found = {Outcome::kTooLong, left}});
  }

  void add_nvme(const char* log_name, const NvmeCommand& log) {
    const auto ask = [this](const std::string& name, const char* what, const NvmeCommand& command) {
      add(name + what, CAP_SYS_ADMIN, [device = places_.dev + "/" + name, command](uid_t) {
        return ask_nvme(device, command);
      });
    };
    const auto is_nvme = [](const std::string& name) { return is_numbered(name, "nvme"); };
    each("/class/nvme", "nvme", kMostDrives, is_nvme, [&](const std::string& name) {
      ask(name, "/identify", kIdentify);
      ask(name, log_name, log);
    });
  }

  void add_controllers() {
    const auto ask = [this](const std::string& name, const char* what, uint8_t function,
                            uint8_t command) {
      add(name + what, -1, [device = places_.dev + "/" + name, function, command](uid_t) {
        return ask_ipmi(device, function, command);
      });
    };
    const auto is_ipmi = [](const std::string& name) { return is_numbered(name, "ipmi"); };
    each("/class/ipmi", "ipmi", kMostControllers, is_ipmi, [&](const std::string& name) {
      ask(name, "/device-id", kApplication, kGetDeviceId);
      ask(name, "/event-log", kStorage, kGetEventLogInfo);
    });
  }

  void add_adapters() {
    tasks_.push_back({.name = "devlink", .ask = [](uid_t) { return ask_devlink(); }});
    const auto is_adapter = [this](const std::string& name) {
      return ::access((places_.sys + "/class/net/" + name + "/device").c_str(), F_OK) == 0;
    };
    each("/class/net", "net", kMostAdapters, is_adapter, [this](const std::string& name) {
      tasks_.push_back(
          {.name = name + "/driver", .ask = [name](uid_t) { return ask_driver(name); }});
    });
  }

  void add_disks() {
    const auto is_disk = [](const std::string& name) { return name.starts_with("sd"); };
    each("/block", "sd", kMostDrives, is_disk, [this](const std::string& name) {
      const std::string device = places_.dev + "/" + name;
      if (!line_of(places_.sys + "/block/" + name + "/device/vendor").starts_with("ATA")) {
        add(name + "/warnings", CAP_SYS_RAWIO,
            [device](uid_t) { return ask_scsi(device, kWarnings, kLogBytes); });
        return;
      }
      add(name + "/smart-status", CAP_SYS_RAWIO,
          [device](uid_t) { return ask_ata(device, kSmartStatus, 0); });
      add(name + "/solid-state", CAP_SYS_RAWIO,
          [device](uid_t) { return ask_ata(device, kSolidState, kAtaBlock); });
    });
  }

  void add_mappings() {
    const auto is_mapping = [](const std::string& name) { return is_numbered(name, "dm-"); };
    each("/block", "dm", kMostMappings, is_mapping, [this](const std::string& name) {
      add(name + "/status", CAP_SYS_ADMIN,
          [control = places_.dev + "/mapper/control",
           mapping = line_of(places_.sys + "/block/" + name + "/dm/name")](uid_t) {
            return ask_mapping(control, mapping);
          });
    });
  }

  std::vector<Task> take() { return std::move(tasks_); }

 private:
  // As root, whose the devices are, with this capability (-1: none) and no other.
  void add(std::string name, int capability, std::function<Ending(uid_t)> ask) {
    tasks_.push_back({.name = std::move(name),
                      .capabilities = capability < 0 ? 0 : capability_bit(capability),
                      .stays_root = true,
                      .ask = std::move(ask)});
  }

  const DevicePlaces& places_;
  std::vector<Task> tasks_;
};

}  // namespace

std::string_view name_of(DeviceGroup group) {
  switch (group) {
    case DeviceGroup::kFirmware:
      return "firmware";
    case DeviceGroup::kHardware:
      return "hardware";
  }
  return "";
}

std::vector<Task> device_tasks(DeviceGroup group, const DevicePlaces& places) {
  TaskList list(places);
  if (group == DeviceGroup::kFirmware) {
    list.add_nvme("/firmware-slots", kFirmwareSlots);
    list.add_controllers();
    list.add_adapters();
  } else {
    list.add_nvme("/health", kHealth);
    list.add_disks();
    list.add_mappings();
  }
  return list.take();
}

}  // namespace muster::answers

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "agent/probes/firmware/adapters/network_makers.h"
#include "agent/probes/firmware/answered/answer_complaint.h"
#include "agent/probes/firmware/answered/answered.h"
#include "agent/probes/firmware/answered/notes.h"
#include "agent/probes/firmware/network/devlink.h"
#include "agent/probes/firmware/network/devlink_firmware.h"
#include "agent/probes/firmware/network/driver_information.h"
#include "agent/probes/firmware/network/generic_netlink.h"
#include "agent/probes/firmware/system_files.h"
#include "agent/probes/netlink_messages.h"

namespace muster::firmware {
namespace {

constexpr std::string_view kInterfaces = "/sys/class/net";

std::string text_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// "pci" of all that devlink knows.
std::string pci_device(const std::string& address) {
  return "/sys/bus/pci/devices/" + address;
}

// The value of the first of these names that is there.
std::string board_of(const DevlinkDevice& device) {
  for (const std::string_view name : {"board.id", "fw.psid"}) {
    for (const DevlinkVersion& version : device.fixed) {
      if (version.name == name) return version.value;
    }
  }
  return {};
}

class Adapters {
 public:
  Adapters(const probe::HostAnswers& answers, const std::string& root, Found& found)
      : answers_(answers), files_(root, found.unreadable), found_(found) {
    for (const std::string& interface : files_.list(std::string(kInterfaces))) {
      const std::string address =
          files_.pci_address(fmt::format("{}/{}/device", kInterfaces, interface));
      if (!address.empty() && !is_virtual_function(address))
        interfaces_.emplace(interface, address);
    }
  }

  void add() {
    if (interfaces_.empty() && found_.components.empty()) return;
    notes_.add("devlink", add_devlink());
    for (const auto& [interface, address] : interfaces_)
      notes_.add(interface, add_driver(interface, address));
    notes_.take_to(found_);
    std::sort(found_.components.begin(), found_.components.end(),
              [](const auto& one, const auto& other) { return one.name() < other.name(); });
  }

 private:
  // It runs what its adapter does.
  bool is_virtual_function(const std::string& address) const {
    return files_.exists(pci_device(address) + "/physfn");
  }

  // Null: there is none yet.
  v1::FirmwareComponent* find(const std::string& address) {
    const auto found =
        std::find_if(found_.components.begin(), found_.components.end(),
                     [&address](const auto& each) { return each.name() == address; });
    return found == found_.components.end() ? nullptr : &*found;
  }

  v1::FirmwareComponent& find_or_add(const std::string& address, const std::string& driver,
                                     std::string board) {
    if (v1::FirmwareComponent* const there = find(address)) return *there;
    const std::string vendor = files_.line(pci_device(address) + "/vendor");
    if (board.empty()) {
      const std::string device = files_.line(pci_device(address) + "/device");
      if (vendor.starts_with("0x") && device.starts_with("0x")) {
        board = vendor.substr(2) + ":" + device.substr(2);
      }
    }
    v1::FirmwareComponent& component = found_.components.emplace_back();
    component.set_kind(v1::FIRMWARE_KIND_NETWORK);
    component.set_name(address);
    component.set_vendor(std::string(network_maker(vendor)));
    component.set_model(driver + (board.empty() || driver.empty() ? "" : " ") + board);
    return component;
  }

  // The kernel's message about the family comes first, and tells what it numbers its answers by.
  static absl::StatusOr<DevlinkDump> parse(std::string_view bytes) {
    std::string_view rest = bytes;
    if (const auto first = netlink::take_message(rest); !first.ok()) return first.status();
    const absl::StatusOr<uint16_t> family =
        parse_family(bytes.substr(0, bytes.size() - rest.size()), "devlink");
    if (!family.ok()) return family.status();
    DevlinkDump dump;
    const absl::StatusOr<netlink::Step> step = parse_devlink_dump(rest, *family, dump);
    if (!step.ok()) return step.status();
    if (*step != netlink::Step::kDone) return absl::InvalidArgumentError("its list has no end");
    return dump;
  }

  std::string add_devlink() {
    const answers::Answer* const answer = answers_.find("devlink");
    // A kernel that has none, or whose drivers have not asked for it.
    if (answer != nullptr && answer->outcome == answers::Outcome::kAbsent) return {};
    std::string_view bytes;
    std::string complaint = take_answer(answers_, "devlink", bytes);
    if (!complaint.empty()) return complaint;
    const absl::StatusOr<DevlinkDump> dump = parse(bytes);
    if (!dump.ok()) return text_of(dump.status());
    for (const DevlinkDevice& device : dump->devices) {
      const DevlinkFirmware firmware = firmware_of(device);
      if (device.bus != "pci" || firmware.name.empty() || is_virtual_function(device.name))
        continue;
      v1::FirmwareComponent& component = find_or_add(device.name, device.driver, board_of(device));
      component.set_version(firmware.running);
      component.set_next_version(firmware.next);
      component.set_tells_next(firmware.tells_next);
      component.set_source("devlink");
    }
    if (dump->omitted > 0) return fmt::format("{} devices are left out", dump->omitted);
    if (dump->interrupted) return "devices came or went meanwhile: some may be missing";
    return {};
  }

  std::string add_driver(const std::string& interface, const std::string& address) {
    const v1::FirmwareComponent* const there = find(address);
    if (there != nullptr && !there->version().empty()) return {};
    const std::string question = interface + "/driver";
    const answers::Answer* const answer = answers_.find(question);
    // A driver that tells nothing, an interface that has gone.
    if (answer != nullptr && answer->outcome == answers::Outcome::kFailed &&
        (answer->status == EOPNOTSUPP || answer->status == ENODEV)) {
      return {};
    }
    std::string_view bytes;
    std::string complaint = take_answer(answers_, question, bytes);
    if (!complaint.empty()) return complaint;
    const absl::StatusOr<DriverInformation> information = parse_driver_information(bytes);
    if (!information.ok()) return text_of(information.status());
    // Of an adapter that has no firmware, or whose driver writes that it does not know.
    if (information->firmware_version.empty() || information->firmware_version == "N/A") return {};
    v1::FirmwareComponent& component = find_or_add(address, information->driver, {});
    component.set_source("ethtool");
    if (information->may_be_cut) {
      return fmt::format("its version may be longer than the kernel has room for: \"{}\"",
                         information->firmware_version);
    }
    component.set_version(information->firmware_version);
    return {};
  }

  const probe::HostAnswers& answers_;
  SystemFiles files_;
  Found& found_;
  Notes notes_;
  // Each with its address at PCI.
  std::map<std::string, std::string> interfaces_;
};

}  // namespace

void add_answers_of_network_adapters(const probe::HostAnswers& answers, const std::string& root,
                                     Found& adapters) {
  Adapters(answers, root, adapters).add();
}

}  // namespace muster::firmware

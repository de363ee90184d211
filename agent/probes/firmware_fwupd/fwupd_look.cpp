#include "agent/probes/firmware_fwupd/fwupd_look.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/probes/firmware_fwupd/fwupd_replies.h"
#include "agent/probes/firmware_fwupd/system_bus.h"
#include "agent/probes/probe_program.h"
#include "agent/sandbox/system_bus_socket.h"
#include "common/text.h"
#include "muster/v1/fwupd_facts.pb.h"

namespace muster::fwupd {
namespace {

constexpr const char* kDaemon = "org.freedesktop.fwupd";
// fwupd's errors that are answers: there is nothing of the kind, or not for this.
constexpr std::string_view kNothingToDo = "org.freedesktop.fwupd.NothingToDo";
constexpr std::string_view kNotSupported = "org.freedesktop.fwupd.NotSupported";
constexpr std::string_view kNotFound = "org.freedesktop.fwupd.NotFound";

Question of_daemon(const char* member, const char* argument = nullptr) {
  return {kDaemon, "/", kDaemon, member, argument};
}
Question of_bus(const char* member, const char* argument = nullptr) {
  return {"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", member,
          argument};
}

// Of an answer "as".
bool has_text(sd_bus_message* message, std::string_view wanted) {
  bool found = false;
  const char* text = nullptr;
  if (::sd_bus_message_enter_container(message, 'a', "s") <= 0) return false;
  while (!found && ::sd_bus_message_read_basic(message, 's', &text) > 0)
    found = text == wanted;
  return found;
}

class Look {
 public:
  explicit Look(SystemBus bus) : bus_(std::move(bus)) {}

  v1::Section section() {
    if (const Reply owner = bus_.ask(of_bus("NameHasOwner", kDaemon)); owner.message == nullptr) {
      return probe::failed("the system bus does not say whether fwupd runs: " + owner.error);
    } else if (!is_true(owner.message.get())) {
      const Reply names = bus_.ask(of_bus("ListActivatableNames"));
      if (names.message == nullptr) {
        return probe::failed("the system bus does not say whether it can start fwupd: " +
                             names.error);
      }
      if (!has_text(names.message.get(), kDaemon)) {
        return probe::not_applicable(
            "fwupd is not installed: nobody on the system bus has its name");
      }
    }
    // Whom the bus may start is asked now.
    const Reply properties =
        bus_.ask({kDaemon, "/", "org.freedesktop.DBus.Properties", "GetAll", kDaemon});
    if (properties.message == nullptr) return probe::failed("fwupd: " + properties.error);
    const auto dictionary = read_dictionary(properties.message.get());
    if (!dictionary.ok()) return probe::failed(complaint("GetAll", dictionary.status()));
    facts_.set_daemon_version(dictionary->text("DaemonVersion"));
    facts_.set_host_security_id(host_security_id_of(*dictionary));
    const Reply reply = bus_.ask(of_daemon("GetDevices"));
    // None of them is an answer like any other.
    if (reply.message == nullptr && reply.error_name != kNothingToDo) {
      return probe::failed("fwupd did not tell its devices: " + reply.error);
    }
    if (reply.message != nullptr) {
      auto devices = read_dictionaries(reply.message.get(), kMostDevices);
      if (!devices.ok()) return probe::failed(complaint("GetDevices", devices.status()));
      note_left_out("GetDevices", devices->left_out);
      add_devices(devices->all);
    }
    for (const Dictionary& each : ask_list("GetHostSecurityAttrs", kMostAttributes))
      *facts_.add_security_attributes() = attribute_of(each);
    for (const Dictionary& each : ask_list("GetRemotes", kMostRemotes)) {
      if (auto remote = remote_of(each)) *facts_.add_remotes() = *std::move(remote);
    }
    return probe::observed(finish());
  }

 private:
  static bool is_true(sd_bus_message* message) {
    int value = 0;
    return ::sd_bus_message_read_basic(message, 'b', &value) > 0 && value != 0;
  }
  static std::string complaint(std::string_view question, const absl::Status& status) {
    return fmt::format("{} of fwupd: {}", question,
                       std::string_view(status.message().data(), status.message().size()));
  }

  void note(std::string question, std::string error) {
    if (unreadable_.size() >= kMostUnreadable) return;
    v1::UnreadableSource& source = unreadable_.emplace_back();
    source.set_path(std::move(question));
    source.set_error(std::move(error));
  }
  void note_left_out(const std::string& question, size_t count) {
    if (count != 0) note(question, fmt::format("fwupd told of {} more than are taken", count));
  }

  // Empty also where there is nothing of the kind, or it did not tell, which is noted.
  std::vector<Dictionary> ask_list(const char* member, size_t most) {
    const Reply reply = bus_.ask(of_daemon(member));
    if (reply.message == nullptr) {
      if (reply.error_name != kNothingToDo && reply.error_name != kNotSupported) {
        note(member, reply.error);
      }
      return {};
    }
    auto dictionaries = read_dictionaries(reply.message.get(), most);
    if (!dictionaries.ok()) {
      note(member, complaint(member, dictionaries.status()));
      return {};
    }
    note_left_out(member, dictionaries->left_out);
    return std::move(dictionaries->all);
  }

  void add_devices(const std::vector<Dictionary>& devices) {
    // Of devices that are gone too. An update that failed before fwupd was started last is there
    // alone.
    std::map<std::string, std::string> failures;
    for (const Dictionary& each : ask_list("GetHistory", kMostDevices))
      failures[each.text("DeviceId")] = failed_update_of(each);
    for (const Dictionary& each : devices) {
      v1::FwupdDevice device = device_of(each);
      const std::string id = each.text("DeviceId");
      if (const auto failure = failures.find(id);
          failure != failures.end() && device.failed_update().empty()) {
        device.set_failed_update(failure->second);
      }
      if (device.updatable()) {
        add_upgrades(id, is_in_metadata(each), device);
      } else {
        device.set_upgrades_state(v1::FIRMWARE_UPGRADES_STATE_NOT_UPDATABLE);
      }
      *facts_.add_devices() = std::move(device);
    }
  }

  void add_upgrades(const std::string& id, bool in_metadata, v1::FwupdDevice& device) {
    const std::string question = "GetUpgrades of " + device.name();
    const Reply reply = bus_.ask(of_daemon("GetUpgrades", id.c_str()));
    if (reply.message == nullptr) {
      if (reply.error_name == kNothingToDo && in_metadata) {
        device.set_upgrades_state(v1::FIRMWARE_UPGRADES_STATE_TOLD);
      } else if (reply.error_name == kNothingToDo || reply.error_name == kNotSupported ||
                 reply.error_name == kNotFound) {
        device.set_upgrades_state(v1::FIRMWARE_UPGRADES_STATE_NOT_IN_METADATA);
      } else {
        note(question, reply.error);
      }
      return;
    }
    const auto releases = read_dictionaries(reply.message.get(), kMostReleases);
    if (!releases.ok()) return note(question, complaint("GetUpgrades", releases.status()));
    if (releases->all.size() > kMostReleasesInAll - releases_) {
      return note(question, "fwupd tells of more releases than are taken of all devices");
    }
    releases_ += releases->all.size();
    note_left_out(question, releases->left_out);
    for (const Dictionary& each : releases->all)
      *device.add_upgrades() = release_of(each);
    // What is beyond the bound may be what is urgent.
    if (releases->left_out == 0) device.set_upgrades_state(v1::FIRMWARE_UPGRADES_STATE_TOLD);
  }

  template <typename Items, typename Key>
  static void sort(Items& items, Key key) {
    std::stable_sort(items.begin(), items.end(),
                     [&key](const auto& one, const auto& other) { return key(one) < key(other); });
  }

  v1::FwupdFacts finish() {
    const auto id = [](const auto& each) { return std::string_view(each.id()); };
    sort(*facts_.mutable_security_attributes(), id);
    sort(*facts_.mutable_remotes(), id);
    sort(*facts_.mutable_devices(), [](const v1::FwupdDevice& device) {
      return std::make_tuple(
          device.guids().empty() ? std::string_view() : std::string_view(device.guids(0)),
          std::string_view(device.name()));
    });
    facts_.mutable_unreadable()->Assign(unreadable_.begin(), unreadable_.end());
    return std::move(facts_);
  }

  SystemBus bus_;
  v1::FwupdFacts facts_;
  std::vector<v1::UnreadableSource> unreadable_;
  size_t releases_ = 0;
};

bool is_socket(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

v1::Section look_at_fwupd(Descriptor socket, std::chrono::milliseconds patience) {
  if (!is_socket(socket.get())) {
    if (::access(agent::kSystemBusSocket, F_OK) != 0) {
      return probe::not_applicable(
          fmt::format("there is no system bus at {}, and so no fwupd", agent::kSystemBusSocket));
    }
    return probe::failed(
        fmt::format("nobody listens at {}, or it took too long", agent::kSystemBusSocket));
  }
  auto bus = SystemBus::create(std::move(socket), SystemBus::Clock::now() + patience);
  if (!bus.ok()) {
    const std::string_view words(bus.status().message().data(), bus.status().message().size());
    return probe::failed(words);
  }
  return Look(*std::move(bus)).section();
}

v1::Section look(const std::string& root) {
  if (!root.empty()) return probe::not_applicable("an image at rest has no daemon to ask");
  struct stat status {};
  if (::fstat(agent::kSystemBusDescriptor, &status) == 0) {
    return look_at_fwupd(Descriptor(agent::kSystemBusDescriptor));
  }
  return look_at_fwupd(agent::open_system_bus());
}

}  // namespace muster::fwupd

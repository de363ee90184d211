#include "tests/simulator/hardware_servers.h"

#include <array>
#include <string>
#include <string_view>

namespace muster::simulator {
namespace {

constexpr size_t kOneOf = 4;

struct Model {
  std::string_view vendor;
  std::string_view name;
};
// Those of firmware_servers.cpp.
constexpr std::array kModels = {Model{"Dell Inc.", "PowerEdge R640"},
                                Model{"HPE", "ProLiant DL380 Gen10"},
                                Model{"Supermicro", "SYS-1029P-WTRT"}};

void add_drive(v1::HardwareFacts& facts, const std::string& name, bool is_failing,
               uint32_t percent_used) {
  v1::Disk& disk = *facts.add_disks();
  disk.set_name(name);
  disk.set_model("SAMSUNG MZQL21T9HCJR-00A07");
  disk.set_transport(v1::DISK_TRANSPORT_NVME);
  disk.set_size_bytes(1'920'383'410'176);
  v1::DiskHealth& health = *disk.mutable_health();
  health.set_predicts_failure(is_failing);
  if (is_failing) health.add_warnings("the spare blocks are below their threshold");
  health.set_percent_used(percent_used);
  health.set_media_errors(is_failing ? 31 : 0);
}

void add_array(v1::HardwareFacts& facts, v1::ArrayKind kind, std::string_view name,
               std::string_view level, std::array<std::string_view, 2> members, bool is_whole) {
  v1::RedundantArray& array = *facts.add_arrays();
  array.set_kind(kind);
  array.set_name(std::string(name));
  array.set_level(std::string(level));
  array.set_state(is_whole ? v1::ARRAY_STATE_HEALTHY : v1::ARRAY_STATE_DEGRADED);
  array.set_members_wanted(2);
  array.set_members_working(is_whole ? 2 : 1);
  for (const std::string_view name_of_member : members) {
    v1::ArrayMember& member = *array.add_members();
    member.set_name(std::string(name_of_member));
    const bool works = is_whole || name_of_member != members[1];
    member.set_state(works ? v1::MEMBER_STATE_WORKING : v1::MEMBER_STATE_FAILED);
  }
}

}  // namespace

v1::HardwareFacts hardware_facts(size_t host) {
  v1::HardwareFacts facts;
  const Model& model = kModels.at(host % kModels.size());
  const bool story = host % kOneOf == 0;
  facts.mutable_machine()->set_vendor(std::string(model.vendor));
  facts.mutable_machine()->set_model(std::string(model.name));
  facts.mutable_machine()->set_chassis("Rack Mount Chassis");
  for (const char* socket : {"CPU1", "CPU2"}) {
    v1::Processor& processor = *facts.add_processors();
    processor.set_socket(socket);
    processor.set_model("Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz");
    processor.set_cores(20);
    processor.set_threads(40);
  }
  v1::Memory& memory = *facts.mutable_memory();
  memory.set_total_bytes(uint64_t{384} << 30);
  for (size_t i = 0; i < 12; ++i) {
    v1::MemoryModule& module = *memory.add_modules();
    module.set_locator("A" + std::to_string(i + 1));
    module.set_size_bytes(uint64_t{32} << 30);
    module.set_kind("DDR4");
    module.set_speed(2933);
  }
  add_drive(facts, "nvme0n1", false, story ? 94 : 7);
  add_drive(facts, "nvme1n1", story, 7);
  add_array(facts, v1::ARRAY_KIND_MD, "md0", "raid1", {"nvme0n1p2", "nvme1n1p2"}, !story);
  add_array(facts, v1::ARRAY_KIND_BOND, "bond0", "802.3ad", {"ens1f0", "ens1f1"}, !story);
  v1::MemoryErrors& controller = *facts.add_memory_errors();
  controller.set_controller("mc0");
  controller.set_corrected(story ? 4100 : 0);
  v1::ModuleErrors& module = *controller.add_modules();
  module.set_label("A3");
  module.set_corrected(controller.corrected());
  for (const char* location : {"PSU 1", "PSU 2"}) {
    v1::PowerSupply& supply = *facts.add_power_supplies();
    supply.set_location(location);
    supply.set_watts(750);
    const bool has_power = !story || supply.location() == "PSU 1";
    supply.set_state(has_power ? v1::POWER_SUPPLY_STATE_OK : v1::POWER_SUPPLY_STATE_UNPLUGGED);
  }
  return facts;
}

}  // namespace muster::simulator

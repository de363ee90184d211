// Machines of several kinds, their network and their memory.
#include <fmt/format.h>

#include "tests/agent/probes/firmware/device_replies.h"
#include "tests/agent/probes/hardware/hardware_replies.h"
#include "tests/agent/probes/hardware/mapping_reply.h"
#include "tests/agent/probes/hardware/stories/stories.h"

namespace muster::test {
namespace {

using Answers = std::vector<answers::Answer>;

// A bundle of LACP of which one switch has lost its power, and one whose switch was not told.
void tell_bond_with_one_leg(HardwareMachine& machine) {
  machine.add_bond("bond0", {{"mode", "802.3ad 4"},
                             {"slaves", "eno1 eno2"},
                             {"miimon", "100"},
                             {"ad_aggregator", "1"},
                             {"primary", ""},
                             {"active_slave", ""}});
  machine.add_leg("eno1", "0000:19:00.0", "bond0",
                  {{"flags", "0x1803"},
                   {"carrier", "1"},
                   {"speed", "10000"},
                   {"bonding_slave/mii_status", "up"},
                   {"bonding_slave/ad_aggregator_id", "1"}});
  machine.add_leg("eno2", "0000:19:00.1", "bond0",
                  {{"flags", "0x1803"},
                   {"carrier", "0"},
                   {"bonding_slave/mii_status", "down"},
                   {"bonding_slave/ad_aggregator_id", "2"}});
  machine.add_bond("bond1", {{"mode", "802.3ad 4"},
                             {"slaves", "ens1f0 ens1f1"},
                             {"miimon", "100"},
                             {"ad_aggregator", "1"}});
  machine.add_leg("ens1f0", "0000:3b:00.0", "bond1",
                  {{"flags", "0x1803"},
                   {"carrier", "1"},
                   {"speed", "25000"},
                   {"bonding_slave/mii_status", "up"},
                   {"bonding_slave/ad_aggregator_id", "1"}});
  machine.add_leg("ens1f1", "0000:3b:00.1", "bond1",
                  {{"flags", "0x1803"},
                   {"carrier", "1"},
                   {"speed", "25000"},
                   {"bonding_slave/mii_status", "up"},
                   {"bonding_slave/ad_aggregator_id", "2"}});
  // Made by the module, and used by nobody.
  machine.add_bond("bond9", {{"mode", "balance-rr 0"}, {"slaves", ""}});
  machine.add_files("/sys/class/net/bond9", {{"flags", "0x1402"}});
  machine.add_interface("lo", {{"flags", "0x9"}, {"carrier", "1"}});
  machine.files().write("/sys/class/net/bonding_masters", "bond0 bond1 bond9\n");
}

void tell_rising_ecc_errors(HardwareMachine& machine) {
  const std::string controllers = "/sys/devices/system/edac/mc/";
  machine.add_files(controllers, {{"power/control", "auto"}});
  for (int socket = 0; socket < 2; ++socket) {
    const std::string controller = fmt::format("{}mc{}", controllers, socket);
    machine.add_files(controller, {{"mc_name", fmt::format("Skylake Socket#{} IMC#0", socket)},
                                   {"ce_count", socket == 0 ? "0" : "4193"},
                                   {"ue_count", socket == 0 ? "0" : "1"},
                                   {"ce_noinfo_count", socket == 0 ? "0" : "2"},
                                   {"seconds_since_reset", "604812"},
                                   {"max_location", "channel 2 slot 1"}});
    for (int channel = 0; channel < 2; ++channel) {
      const bool fails = socket == 1 && channel == 1;
      machine.add_files(
          fmt::format("{}/dimm{}", controller, channel * 2),
          {{"dimm_label", fmt::format("CPU_SrcID#{}_MC#0_Chan#{}_DIMM#0", socket, channel)},
           {"dimm_location", fmt::format("channel {} slot 0 ", channel)},
           {"dimm_ce_count", fails ? "4191" : "0"},
           {"dimm_ue_count", fails ? "1" : "0"},
           {"size", "16384"}});
    }
  }
}

// Of a Dell R640, with a slot free and both of its power supplies.
std::string two_socket_table() {
  std::string table =
      StructureBuilder(1, 0x1b, 0x100)
          .text(0x04, "Dell Inc.")
          .text(0x05, "PowerEdge R640")
          .text(0x07, "ABC1234")
          .build() +
      StructureBuilder(2, 0x0f, 0x200).text(0x04, "Dell Inc.").text(0x05, "0H28RR").build() +
      StructureBuilder(3, 0x16, 0x300).text(0x04, "Dell Inc.").number<uint8_t>(0x05, 0x17).build() +
      StructureBuilder(16, 0x17, 0x1000)
          .number<uint8_t>(0x05, 3)
          .number<uint8_t>(0x06, 6)
          .number<uint16_t>(0x0d, 5)
          .build();
  for (uint16_t socket = 1; socket <= 2; ++socket) {
    table += StructureBuilder(4, 0x30, 0x400 + socket)
                 .text(0x04, fmt::format("CPU{}", socket))
                 .text(0x07, "Intel")
                 .text(0x10, "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz")
                 .number<uint8_t>(0x18, 0x41)
                 .number<uint8_t>(0x23, 20)
                 .number<uint8_t>(0x25, 40)
                 .build();
  }
  for (uint16_t slot = 1; slot <= 5; ++slot) {
    StructureBuilder module(17, 0x28, 0x1100 + slot);
    module.number<uint16_t>(0x04, 0x1000).text(0x10, fmt::format("A{}", slot));
    if (slot <= 4) {
      module.number<uint16_t>(0x0c, 0x7fff)
          .number<uint32_t>(0x1c, 32768)
          .number<uint8_t>(0x12, 0x1a)
          .number<uint16_t>(0x15, 3200)
          .number<uint16_t>(0x20, 2933)
          .text(0x17, "00AD00B300AD")
          .text(0x1a, "HMA84GR7CJR4N-XN");
    }
    table += module.build();
  }
  for (uint16_t supply = 1; supply <= 2; ++supply) {
    table += StructureBuilder(39, 0x16, 0x2700 + supply)
                 .text(0x06, "PWR SPLY,750WP,RDNT,DELTA")
                 .text(0x07, "DELL")
                 .number<uint16_t>(0x0c, 750)
                 .number<uint16_t>(0x0e, 3 << 7 | 0x02)
                 .build();
  }
  return table + end_of_table();
}

// LVM on md on two drives at NVMe, a bond whose legs both work, and nothing amiss.
void tell_two_sockets(HardwareMachine& machine) {
  machine.add_smbios(two_socket_table());
  machine.add_processors(0, 80, "0x5003604");
  for (int drive = 0; drive < 2; ++drive) {
    const std::string address = fmt::format("0000:{}:00.0", 65 + drive);
    machine.add_device("nvme", fmt::format("nvme{}", drive), address,
                       {{"model", "Dell Ent NVMe P5600 MU U.2 1.6TB        "},
                        {"serial", fmt::format("PHAB1234000{}1P6AGN  ", drive)},
                        {"transport", "pcie"}});
    const std::string path = fmt::format("devices/pci0000:00/0000:00:02.0/{}/nvme/nvme{}/nvme{}n1",
                                         address, drive, drive);
    machine.add_files(
        "/sys/" + path,
        {{"size", "3125627568"}, {"removable", "0"}, {"hidden", "0"}, {"queue/rotational", "0"}});
    machine.files().link("/sys/" + path + "/device", fmt::format("../../nvme{}", drive));
    machine.files().link(fmt::format("/sys/block/nvme{}n1", drive), "../" + path);
  }
  machine.add_virtual_block("md0", {{"size", "3124361216"}});
  machine.add_files("/sys/block/md0/md", {{"level", "raid1"},
                                          {"array_state", "active"},
                                          {"metadata_version", "1.2"},
                                          {"raid_disks", "2"},
                                          {"degraded", "0"},
                                          {"sync_action", "idle"},
                                          {"sync_completed", "none"},
                                          {"mismatch_cnt", "0"}});
  machine.add_md_member("md0", "nvme0n1p2", "in_sync", "0");
  machine.add_md_member("md0", "nvme1n1p2", "in_sync", "1");
  machine.add_mapping("dm-0", "vg0-root", "LVM-CbNXHJtmu6CYmg9hNXm0Ez0Tx5vUg4e1", {"md0"});
  machine.add_bond("bond0", {{"mode", "active-backup 1"},
                             {"slaves", "eno1 eno2"},
                             {"miimon", "100"},
                             {"primary", "eno1 (primary_reselect always)"},
                             {"active_slave", "eno1"}});
  for (int leg = 0; leg < 2; ++leg) {
    machine.add_leg(fmt::format("eno{}", leg + 1), fmt::format("0000:19:00.{}", leg), "bond0",
                    {{"flags", "0x1803"},
                     {"carrier", "1"},
                     {"speed", "10000"},
                     {"bonding_slave/mii_status", "up"},
                     {"bonding_slave/ad_aggregator_id", "N/A"}});
  }
  machine.add_files("/sys/devices/system/edac/mc/mc0",
                    {{"mc_name", "i10nm Socket#0 IMC#0"}, {"ce_count", "0"}, {"ue_count", "0"}});
}

Answers answer_two_sockets() {
  return {answered("nvme0/health", nvme_health(0, 100, 10, 3, 0)),
          answered("nvme1/health", nvme_health(0, 99, 10, 4, 0)),
          answered("dm-0/status", mapping_reply({{"linear", ""}}))};
}

// QEMU: what it has is its host's.
void tell_virtual_machine(HardwareMachine& machine) {
  machine.add_smbios(
      StructureBuilder(1, 0x1b, 0x100)
          .text(0x04, "QEMU")
          .text(0x05, "Standard PC (Q35 + ICH9, 2009)")
          .build() +
      StructureBuilder(3, 0x15, 0x300).text(0x04, "QEMU").number<uint8_t>(0x05, 0x01).build() +
      StructureBuilder(4, 0x2a, 0x400)
          .text(0x04, "CPU 0")
          .text(0x07, "QEMU")
          .text(0x10, "pc-q35-8.2")
          .number<uint8_t>(0x05, 3)
          .number<uint8_t>(0x18, 0x41)
          .number<uint8_t>(0x23, 2)
          .number<uint8_t>(0x24, 2)
          .number<uint8_t>(0x25, 2)
          .build() +
      StructureBuilder(16, 0x17, 0x1000)
          .number<uint8_t>(0x04, 1)
          .number<uint8_t>(0x05, 3)
          .number<uint8_t>(0x06, 6)
          .number<uint32_t>(0x07, 4194304)
          .number<uint16_t>(0x0d, 1)
          .build() +
      StructureBuilder(17, 0x28, 0x1100)
          .number<uint16_t>(0x04, 0x1000)
          .number<uint16_t>(0x0c, 4096)
          .number<uint8_t>(0x0e, 9)
          .text(0x10, "DIMM 0")
          .number<uint8_t>(0x12, 7)
          .text(0x17, "QEMU")
          .build() +
      end_of_table());
  machine.add_processors(0, 2, "0x1");
  const std::string virtio = "devices/pci0000:00/0000:00:04.0/virtio1";
  machine.add_files("/sys/" + virtio, {{"vendor", "0x1af4"}, {"device", "0x0002"}});
  machine.add_files(
      "/sys/" + virtio + "/block/vda",
      {{"removable", "0"}, {"size", "41943040"}, {"serial", ""}, {"queue/rotational", "1"}});
  machine.files().link("/sys/" + virtio + "/block/vda/device", "../..");
  machine.files().link("/sys/block/vda", "../" + virtio + "/block/vda");
  // The drive for the installer's disc.
  machine.add_disk("sr0", "0000:00:1f.2", "/ata1/host0/target0:0:0/0:0:0:0", "1",
                   {{"vendor", "QEMU    "}, {"model", "QEMU DVD-ROM    "}, {"rev", "2.5+"}});
  machine.add_pci_device("0000:00:03.0", "virtio-pci");
  machine.set_pci_ids("0000:00:03.0", "0x1af4", "0x1041");
  machine.add_device("net", "ens3", "0000:00:03.0",
                     {{"flags", "0x1003"}, {"carrier", "1"}, {"speed", "-1"}}, "/virtio0");
  machine.files().make_directory("/sys/bus/virtio/drivers/virtio_net");
  machine.files().link("/sys/class/net/ens3/device/driver",
                       "../../../../../bus/virtio/drivers/virtio_net");
}

// A board of ARM: a device tree in place of SMBIOS, and flash memory on it.
void tell_board_without_smbios(HardwareMachine& machine) {
  machine.files().make_directory("/sys/firmware/devicetree/base");
  machine.files().write("/proc/cpuinfo",
                        "processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\n"
                        "CPU part\t: 0xd08\n\n");
  machine.files().write("/proc/meminfo", "MemTotal:        8128516 kB\nMemFree:  310 kB\n");
  for (int core = 0; core < 4; ++core) {
    machine.add_files(fmt::format("/sys/devices/system/cpu/cpu{}/topology", core),
                      {{"physical_package_id", "0"}, {"core_id", std::to_string(core)}});
  }
  machine.files().make_directory("/sys/devices/system/cpu/cpufreq");
  const std::string card = "devices/platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:0001";
  machine.add_files("/sys/" + card,
                    {{"name", "BJTD4R"}, {"serial", "0x3a1c5d2e"}, {"type", "MMC"}});
  for (const char* const name : {"mmcblk0", "mmcblk0boot0"}) {
    machine.add_files(fmt::format("/sys/{}/block/{}", card, name),
                      {{"removable", "0"}, {"size", "61071360"}, {"queue/rotational", "0"}});
    machine.files().link(fmt::format("/sys/{}/block/{}/device", card, name), "../..");
    machine.files().link(fmt::format("/sys/block/{}", name),
                         fmt::format("../{}/block/{}", card, name));
  }
}

}  // namespace

std::vector<HardwareStory> machine_stories() {
  return {{"bond_with_one_leg", &tell_bond_with_one_leg},
          {"rising_ecc_errors", &tell_rising_ecc_errors},
          {"two_sockets_and_all_well", &tell_two_sockets, &answer_two_sockets},
          {"virtual_machine", &tell_virtual_machine},
          {"board_without_smbios", &tell_board_without_smbios}};
}

}  // namespace muster::test

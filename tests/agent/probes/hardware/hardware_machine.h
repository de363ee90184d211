// A machine for tests of the probe "hardware": what is redundant in it, as the kernel has it in
// sysfs and procfs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/agent/probes/firmware/machine.h"
#include "tests/agent/probes/firmware/smbios/smbios_builder.h"

namespace muster::test {

class HardwareMachine : public Machine {
 public:
  HardwareMachine() { files().make_directory("/sys/class"); }

  void add_smbios(const std::string& table) {
    const std::string dump = dump_of(table);
    files().write("/sys/firmware/dmi/tables/smbios_entry_point", dump.substr(0, 24));
    files().write("/sys/firmware/dmi/tables/DMI", dump.substr(32));
  }
  // Files of a directory that is there, or is made; each with an end of line.
  void add_files(const std::string& directory, const Files& content) {
    for (const auto& [file, text] : content)
      files().write(directory + "/" + file, text + "\n");
  }
  // A disk at SATA of so many sectors.
  void add_sata_disk(const std::string& name, const std::string& scsi, const std::string& model,
                     const std::string& sectors) {
    add_disk(name, "0000:00:17.0", "/ata1/host0/target0:0:0/" + scsi, "0",
             {{"vendor", "ATA     "}, {"model", model}, {"rev", "3B6Q"}});
    add_files("/sys/block/" + name, {{"size", sectors}, {"queue/rotational", "0"}});
  }
  // A disk behind an adapter for Fibre Channel: a path. `target`: "1:0:0".
  void add_path(const std::string& name, const std::string& device, const std::string& target,
                const std::string& state) {
    const std::string host = target.substr(0, target.find(':'));
    add_disk(name, "0000:5e:00.0",
             "/host" + host + "/rport-" + target + "/target" + target + "/" + target + ":1", "0",
             {{"vendor", "NETAPP  "}, {"model", "LUN C-Mode      "}, {"state", state}});
    add_files("/sys/block/" + name,
              {{"size", "209715200"}, {"dev", device}, {"queue/rotational", "1"}});
  }
  // A block device that the kernel makes of others.
  void add_virtual_block(const std::string& name, const Files& content) {
    add_files("/sys/devices/virtual/block/" + name, content);
    files().link("/sys/block/" + name, "../devices/virtual/block/" + name);
  }
  void add_mapping(const std::string& block, const std::string& name, const std::string& uuid,
                   const std::vector<std::string>& slaves) {
    add_virtual_block(block, {{"size", "209715200"}, {"dm/name", name}, {"dm/uuid", uuid}});
    for (const std::string& slave : slaves) {
      files().link("/sys/block/" + block + "/slaves/" + slave, "../../../../../block/" + slave);
      files().make_directory("/sys/block/" + slave + "/holders");
      files().link("/sys/block/" + slave + "/holders/" + block, "../../" + block);
    }
  }
  // A member of an array of md.
  void add_md_member(const std::string& array, const std::string& member, const std::string& state,
                     const std::string& slot) {
    add_files("/sys/block/" + array + "/md/dev-" + member, {{"state", state}, {"slot", slot}});
  }
  void add_interface(const std::string& name, const Files& content) {
    add_files("/sys/class/net/" + name, content);
  }
  // A leg of a bond, with an adapter of Intel behind it.
  void add_leg(const std::string& name, const std::string& address, const std::string& bond,
               const Files& content) {
    add_pci_device(address, "i40e");
    set_pci_ids(address, "0x8086", "0x1572");
    add_device("net", name, address, content);
    const std::string interface = "/sys/class/net/" + name;
    files().link(interface + "/master", "../../../../../virtual/net/" + bond);
  }
  void add_bond(const std::string& name, const Files& content) {
    const std::string directory = "/sys/devices/virtual/net/" + name;
    add_files(directory, {{"flags", "0x1403"}});
    add_files(directory + "/bonding", content);
    files().link("/sys/class/net/" + name, "../../devices/virtual/net/" + name);
  }
};

}  // namespace muster::test

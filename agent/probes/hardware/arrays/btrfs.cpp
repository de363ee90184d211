#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "agent/probes/hardware/arrays/arrays.h"

namespace muster::hardware {
namespace {

constexpr std::string_view kFileSystems = "/sys/fs/btrfs";

// How data are kept, as the kernel names it: a directory for each profile there is, of which there
// are two while the file system is converted.
std::string level_of(MachineFiles& files, const std::string& directory) {
  std::string level;
  for (const std::string& name : files.list(directory + "/allocation/data")) {
    if (!name.starts_with("raid") && name != "single" && name != "dup") continue;
    level += (level.empty() ? "" : ",") + name;
  }
  return level;
}

bool keeps_more_than_once(std::string_view level) {
  return level.starts_with("raid") && level != "raid0" &&
         level.find("single") == std::string_view::npos;
}

}  // namespace

Arrays look_at_btrfs(MachineFiles& files) {
  Arrays arrays;
  for (const std::string& uuid : files.list(std::string(kFileSystems), kMostNames)) {
    const std::string directory = fmt::format("{}/{}", kFileSystems, uuid);
    // Since Linux 5.6.
    const std::vector<std::string> devices = files.list(directory + "/devinfo", kMostNames);
    if (devices.size() < 2) continue;
    v1::RedundantArray& array = arrays.emplace_back();
    array.set_kind(v1::ARRAY_KIND_BTRFS);
    array.set_name(files.line(directory + "/label"));
    const bool is_taken =
        std::any_of(arrays.begin(), arrays.end() - 1,
                    [&array](const auto& other) { return other.name() == array.name(); });
    // Two may have one label; the second has its UUID then.
    if (array.name().empty() || is_taken) array.set_name(uuid);
    array.set_level(level_of(files, directory));
    std::vector<v1::ArrayMember> members;
    uint32_t unknown = 0;
    for (const std::string& number : devices) {
      v1::ArrayMember& member = members.emplace_back();
      member.set_name("device " + number);
      const std::string missing =
          files.line(fmt::format("{}/devinfo/{}/missing", directory, number));
      if (missing == "0") {
        member.set_state(v1::MEMBER_STATE_WORKING);
        array.set_members_working(array.members_working() + 1);
      } else if (missing == "1") {
        member.set_state(v1::MEMBER_STATE_FAILED);
        member.set_detail("missing");
      } else {
        ++unknown;
      }
    }
    array.set_members_wanted(static_cast<uint32_t>(members.size()));
    if (array.members_working() == members.size()) {
      array.set_state(v1::ARRAY_STATE_HEALTHY);
    } else if (array.members_working() + unknown < members.size()) {
      // It is mounted, so it is not all lost; without a second copy some of it is.
      array.set_state(keeps_more_than_once(array.level()) ? v1::ARRAY_STATE_DEGRADED
                                                          : v1::ARRAY_STATE_FAILED);
    }
    set_members(std::move(members), directory, array, files);
  }
  return arrays;
}

}  // namespace muster::hardware

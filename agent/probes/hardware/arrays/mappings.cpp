#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/probes/firmware/answered/answer_complaint.h"
#include "agent/probes/firmware/answered/notes.h"
#include "agent/probes/hardware/arrays/arrays.h"
#include "agent/probes/hardware/arrays/mapping_status.h"
#include "agent/probes/hardware/numbers.h"

namespace muster::hardware {
namespace {

constexpr std::string_view kBlockDevices = "/sys/block";

std::string text_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// The number of the leg in the name that LVM gives its volume: "vg0-root_rimage_1". Unset: it is
// none.
std::optional<uint64_t> leg_of(std::string_view name) {
  for (const std::string_view mark : {"_rimage_", "_mimage_"}) {
    const size_t at = name.rfind(mark);
    if (at != std::string_view::npos) return whole_number(name.substr(at + mark.size()));
  }
  return std::nullopt;
}

// What a mapping lies on.
struct Slave {
  // "sdb", "dm-3".
  std::string name;
  // "8:16"
  std::string device;
  // Of the device mapper.
  std::string mapping;
};

// Where a leg is gone, what differs is what it lacks: nobody fills it.
bool is_whole(std::string_view legs) {
  return legs.find_first_not_of("Aa") == std::string_view::npos;
}

bool is_lost(std::string_view level, uint64_t missing, uint64_t wanted) {
  if (level == "raid4" || level == "raid5") return missing > 1;
  if (level == "raid6") return missing > 2;
  return missing >= wanted || (level == "raid0" && missing > 0);
}

class Mapping {
 public:
  Mapping(const probe::HostAnswers& answers, const std::string& block, MachineFiles& files)
      : answers_(answers), block_(block), files_(files) {
    directory_ = fmt::format("{}/{}", kBlockDevices, block);
    for (const std::string& name : files.list(directory_ + "/slaves", kMostNames)) {
      const std::string slave = fmt::format("{}/{}", kBlockDevices, name);
      slaves_.push_back({name, files.line(slave + "/dev"), files.line(slave + "/dm/name")});
    }
  }

  // Absent of a mapping that keeps nothing more than once. `complaint` is why it is not all told.
  std::optional<v1::RedundantArray> look(std::string& complaint) {
    array_.set_name(files_.line(directory_ + "/dm/name"));
    const bool is_multipath = files_.line(directory_ + "/dm/uuid").starts_with("mpath-");
    const std::vector<MappingTarget> targets = ask(complaint);
    if (is_multipath) {
      add_paths(targets, complaint);
    } else if (!add_legs(targets, complaint)) {
      return std::nullopt;
    }
    set_members(std::move(members_), directory_, array_, files_);
    return std::move(array_);
  }

 private:
  std::vector<MappingTarget> ask(std::string& complaint) {
    std::string_view bytes;
    complaint = firmware::take_answer(answers_, block_ + "/status", bytes);
    if (!complaint.empty()) return {};
    absl::StatusOr<std::vector<MappingTarget>> targets = parse_mapping(bytes);
    if (targets.ok()) return *std::move(targets);
    complaint = text_of(targets.status());
    return {};
  }

  // The kernel's word for the path's own device: of SCSI "running", of NVMe "live".
  void add_paths(const std::vector<MappingTarget>& targets, std::string& complaint) {
    array_.set_kind(v1::ARRAY_KIND_MULTIPATH);
    std::vector<PathStatus> told;
    if (!targets.empty()) {
      auto paths = parse_multipath_status(targets.front().status);
      if (paths.ok()) {
        told = *std::move(paths);
      } else {
        complaint = text_of(paths.status());
      }
    }
    uint32_t failed = 0;
    for (const Slave& slave : slaves_) {
      v1::ArrayMember& member = members_.emplace_back();
      member.set_name(slave.name);
      member.set_detail(files_.line(fmt::format("{}/{}/device/state", kBlockDevices, slave.name)));
      const std::string& word = member.detail();
      const bool is_off = !word.empty() && word != "running" && word != "live";
      const auto path = std::find_if(told.begin(), told.end(), [&slave](const PathStatus& each) {
        return each.device == slave.device;
      });
      if (is_off || (path != told.end() && !path->works)) {
        member.set_state(v1::MEMBER_STATE_FAILED);
        ++failed;
      } else if (path != told.end()) {
        member.set_state(v1::MEMBER_STATE_WORKING);
        array_.set_members_working(array_.members_working() + 1);
      }
    }
    array_.set_members_wanted(static_cast<uint32_t>(members_.size()));
    if (failed == members_.size()) {
      array_.set_state(v1::ARRAY_STATE_FAILED);
    } else if (failed > 0) {
      array_.set_state(v1::ARRAY_STATE_DEGRADED);
    } else if (array_.members_working() == members_.size()) {
      array_.set_state(v1::ARRAY_STATE_HEALTHY);
    }
  }

  // Whether it is a volume with legs.
  bool add_legs(const std::vector<MappingTarget>& targets, std::string& complaint) {
    array_.set_kind(v1::ARRAY_KIND_LVM);
    for (const MappingTarget& target : targets) {
      if (target.type != "raid" && target.type != "mirror") continue;
      const auto status = target.type == "raid" ? parse_raid_status(target.status)
                                                : parse_mirror_status(target.status);
      if (status.ok()) {
        add_told(*status);
        return true;
      }
      complaint = text_of(status.status());
    }
    // What sysfs has is that there are legs, and which.
    for (const Slave& slave : slaves_) {
      if (!leg_of(slave.mapping)) continue;
      v1::ArrayMember& member = members_.emplace_back();
      member.set_name(slave.mapping);
    }
    array_.set_members_wanted(static_cast<uint32_t>(members_.size()));
    return !members_.empty();
  }

  void add_told(const RaidStatus& status) {
    const bool is_being_filled =
        status.action == "recover" || status.action == "resync" || status.action == "init" ||
        (status.action.empty() && status.filled < status.total && is_whole(status.legs));
    array_.set_level(status.level);
    uint32_t missing = 0;
    uint32_t unfilled = 0;
    for (size_t leg = 0; leg < status.legs.size(); ++leg) {
      v1::ArrayMember& member = members_.emplace_back();
      member.set_name(name_of_leg(leg));
      member.set_detail(std::string(1, status.legs[leg]));
      if (status.legs[leg] == 'A') {
        member.set_state(v1::MEMBER_STATE_WORKING);
        array_.set_members_working(array_.members_working() + 1);
      } else if (status.legs[leg] == 'a') {
        member.set_state(is_being_filled ? v1::MEMBER_STATE_REBUILDING
                                         : v1::MEMBER_STATE_UNSPECIFIED);
        ++unfilled;
      } else {
        member.set_state(v1::MEMBER_STATE_FAILED);
        ++missing;
      }
    }
    array_.set_members_wanted(static_cast<uint32_t>(status.legs.size()));
    if (status.action != "idle") array_.set_detail(status.action);
    if (status.mismatches) array_.set_mismatches(*status.mismatches);
    if (is_lost(status.level, missing, status.legs.size())) {
      array_.set_state(v1::ARRAY_STATE_FAILED);
    } else if (is_being_filled && (unfilled > 0 || status.filled < status.total)) {
      array_.set_state(v1::ARRAY_STATE_REBUILDING);
      const auto percent = tens_of_percent(status.filled, status.total);
      if (percent) array_.set_percent(*percent);
    } else {
      array_.set_state(missing + unfilled > 0 ? v1::ARRAY_STATE_DEGRADED : v1::ARRAY_STATE_HEALTHY);
    }
  }

  std::string name_of_leg(size_t leg) const {
    const auto slave = std::find_if(slaves_.begin(), slaves_.end(), [leg](const Slave& each) {
      return leg_of(each.mapping) == leg;
    });
    return slave == slaves_.end() ? fmt::format("leg {}", leg) : slave->mapping;
  }

  const probe::HostAnswers& answers_;
  const std::string& block_;
  MachineFiles& files_;
  std::string directory_;
  std::vector<Slave> slaves_;
  v1::RedundantArray array_;
  std::vector<v1::ArrayMember> members_;
};

}  // namespace

Arrays look_at_mappings(const probe::HostAnswers& answers, MachineFiles& files) {
  Arrays arrays;
  firmware::Notes notes;
  for (const std::string& name : files.list(std::string(kBlockDevices), kMostNames)) {
    if (!name.starts_with("dm-") || !files.exists(fmt::format("{}/{}/dm", kBlockDevices, name)))
      continue;
    std::string complaint;
    auto array = Mapping(answers, name, files).look(complaint);
    if (!array) continue;
    notes.add("/dev/mapper/" + array->name(), complaint);
    arrays.push_back(*std::move(array));
  }
  firmware::Found found;
  notes.take_to(found);
  for (const v1::UnreadableSource& note : found.unreadable)
    files.note(note.path(), note.error());
  return arrays;
}

}  // namespace muster::hardware

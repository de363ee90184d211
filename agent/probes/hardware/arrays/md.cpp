#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

#include "agent/probes/hardware/arrays/arrays.h"
#include "agent/probes/hardware/numbers.h"

namespace muster::hardware {
namespace {

constexpr std::string_view kBlockDevices = "/sys/block";
constexpr std::string_view kMember = "dev-";

// What the kernel tells of one, in /sys/block/md0/md.
struct Told {
  std::string level;
  std::string array_state;
  std::string sync_action;
  uint32_t wanted = 0;
  // Unset of levels that keep nothing twice.
  std::optional<uint64_t> missing;
  // Of RAID 10: how often each block is kept; 0: it is not told.
  uint64_t copies = 0;
};

// "3", or while the array is given another shape "3 (2)".
uint32_t first_number(std::string_view text) {
  return small_number(text.substr(0, text.find(' ')));
}

// Of the number `layout` of RAID 10: near copies in its lowest byte, far ones in the next.
uint64_t copies_of(std::string_view layout) {
  const uint64_t number = whole_number(layout).value_or(0);
  return (number & 0xff) * (number >> 8 & 0xff);
}

Told read(MachineFiles& files, const std::string& directory) {
  Told told{.level = files.line(directory + "/level"),
            .array_state = files.line(directory + "/array_state"),
            .sync_action = files.line(directory + "/sync_action"),
            .wanted = first_number(files.line(directory + "/raid_disks")),
            .missing = whole_number(files.line(directory + "/degraded")),
            .copies = 0};
  if (told.level == "raid10") told.copies = copies_of(files.line(directory + "/layout"));
  return told;
}

// Whether so many are missing that some of it is nowhere. RAID 10 survives the loss of half of its
// members if it is the right half: what it cannot survive is counted alone.
bool is_lost(const Told& told) {
  const uint64_t missing = told.missing.value_or(0);
  if (missing >= told.wanted) return true;
  if (told.level == "raid4" || told.level == "raid5") return missing > 1;
  if (told.level == "raid6") return missing > 2;
  return told.level == "raid10" && told.copies != 0 &&
         (told.wanted - missing) * told.copies < told.wanted;
}

v1::ArrayState state_of(const Told& told, bool has_failed_member) {
  // Not started, for too few of its members are there.
  if (told.array_state == "broken" || told.array_state == "inactive") return v1::ARRAY_STATE_FAILED;
  if (told.array_state.empty() || told.level.empty()) return v1::ARRAY_STATE_UNSPECIFIED;
  if (!told.missing) {
    if (has_failed_member) return v1::ARRAY_STATE_FAILED;
    return told.level == "raid0" || told.level == "linear" ? v1::ARRAY_STATE_HEALTHY
                                                           : v1::ARRAY_STATE_UNSPECIFIED;
  }
  if (*told.missing == 0) {
    // Copies that may differ, after a start that no orderly end preceded. Checks, and spares that
    // are filled before the place is free, leave it as it should be.
    return told.sync_action == "resync" ? v1::ARRAY_STATE_REBUILDING : v1::ARRAY_STATE_HEALTHY;
  }
  if (is_lost(told)) return v1::ARRAY_STATE_FAILED;
  return told.sync_action == "recover" ? v1::ARRAY_STATE_REBUILDING : v1::ARRAY_STATE_DEGRADED;
}

// "12345 / 67890"; "none" and "delayed" tell nothing.
std::optional<uint32_t> percent_of(std::string_view completed) {
  const size_t slash = completed.find(" / ");
  if (slash == std::string_view::npos) return std::nullopt;
  const auto done = whole_number(completed.substr(0, slash));
  const auto total = whole_number(completed.substr(slash + 3));
  return done && total ? tens_of_percent(*done, *total) : std::nullopt;
}

// Words with commas between: "in_sync,write_error".
bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const size_t end = words.find(',');
    if (words.substr(0, end) == word) return true;
    if (end == std::string_view::npos) break;
    words.remove_prefix(end + 1);
  }
  return false;
}

v1::MemberState member_state(std::string_view state, std::string_view slot) {
  if (has_word(state, "faulty")) return v1::MEMBER_STATE_FAILED;
  if (has_word(state, "in_sync") || has_word(state, "journal")) return v1::MEMBER_STATE_WORKING;
  if (!has_word(state, "spare")) return v1::MEMBER_STATE_UNSPECIFIED;
  // One that has its place already is being filled.
  return slot == "none" ? v1::MEMBER_STATE_SPARE : v1::MEMBER_STATE_REBUILDING;
}

std::vector<v1::ArrayMember> members_of(MachineFiles& files, const std::string& directory) {
  std::vector<v1::ArrayMember> members;
  for (const std::string& name : files.list(directory, kMostNames)) {
    if (!name.starts_with(kMember)) continue;
    const std::string member = fmt::format("{}/{}", directory, name);
    v1::ArrayMember& found = members.emplace_back();
    found.set_name(name.substr(kMember.size()));
    found.set_detail(files.line(member + "/state"));
    found.set_state(member_state(found.detail(), files.line(member + "/slot")));
  }
  return members;
}

// What is done with it, or what is special about it; empty while it is at its work, whose words
// ("clean", "active") change with each write.
std::string detail_of(const Told& told) {
  if (!told.sync_action.empty() && told.sync_action != "idle") return told.sync_action;
  for (const std::string_view special :
       {"broken", "inactive", "read-auto", "readonly", "suspended"}) {
    if (told.array_state == special) return told.array_state;
  }
  return {};
}

uint32_t count(const std::vector<v1::ArrayMember>& members, v1::MemberState state) {
  uint32_t found = 0;
  for (const v1::ArrayMember& member : members)
    found += member.state() == state ? 1 : 0;
  return found;
}

v1::RedundantArray array_of(MachineFiles& files, const std::string& directory, const Told& told) {
  v1::RedundantArray array;
  array.set_kind(v1::ARRAY_KIND_MD);
  array.set_level(told.level);
  std::vector<v1::ArrayMember> members = members_of(files, directory);
  array.set_state(state_of(told, count(members, v1::MEMBER_STATE_FAILED) != 0));
  array.set_members_wanted(told.wanted);
  const bool is_counted = told.missing && *told.missing <= told.wanted;
  array.set_members_working(is_counted ? told.wanted - static_cast<uint32_t>(*told.missing)
                                       : count(members, v1::MEMBER_STATE_WORKING));
  array.set_detail(detail_of(told));
  if (array.state() == v1::ARRAY_STATE_REBUILDING) {
    const auto percent = percent_of(files.line(directory + "/sync_completed"));
    if (percent) array.set_percent(*percent);
  }
  if (told.missing) {
    const auto mismatches = whole_number(files.line(directory + "/mismatch_cnt"));
    if (mismatches) array.set_mismatches(*mismatches);
  }
  set_members(std::move(members), directory, array, files);
  return array;
}

// What holds the members of firmware's RAID together ("external:imsm"), and an array that has none
// any more.
bool is_no_array(const Told& told, std::string_view metadata) {
  return told.array_state == "clear" ||
         (metadata.starts_with("external:") && !metadata.starts_with("external:/") &&
          !metadata.starts_with("external:-"));
}

}  // namespace

Arrays look_at_md(MachineFiles& files) {
  Arrays arrays;
  for (const std::string& name : files.list(std::string(kBlockDevices), kMostNames)) {
    const std::string directory = fmt::format("{}/{}/md", kBlockDevices, name);
    if (!name.starts_with("md") || !files.exists(directory)) continue;
    const Told told = read(files, directory);
    if (is_no_array(told, files.line(directory + "/metadata_version"))) continue;
    arrays.push_back(array_of(files, directory, told));
    arrays.back().set_name(name);
  }
  return arrays;
}

}  // namespace muster::hardware

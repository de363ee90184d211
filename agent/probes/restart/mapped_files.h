// What the table of processes tells of a mapping (agent/sandbox/process_table.h): which file a
// process executes code of, and whether it tells about patches. Pure; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::restart {

struct MappedFile {
  // Of the file system that it is mapped from. Major 0: one without a device (overlayfs, btrfs,
  // NFS), whose numbers here are not those that stat gives.
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  uint64_t inode = 0;
  // As the mount namespace of the process names it, without the mark.
  std::string path = {};
  // The kernel's mark " (deleted)": no name leads to the file any more.
  bool is_deleted = false;
};

// Of a line of the table, which begins with the rights. Absent: no mapping of a file that can be
// executed.
std::optional<MappedFile> parse_mapping(std::string_view line);

// A FileRecord of the table, whose path may have the mark.
struct RecordedFile {
  uint64_t inode = 0;
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  std::string_view path;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in what it is rewritten to.
  auto operator<=>(const RecordedFile&) const = default;
};
// Takes the next one off `files`. Absent: there is no whole one.
std::optional<RecordedFile> take_file_record(std::string_view& files);
// Absent: it has no path.
std::optional<MappedFile> mapped_file(const RecordedFile& file);

// Whether its end says nothing about patches: memory that only has a name (memfd, System V),
// devices, and what programs make for themselves to execute and remove (libffi, ORC, JNA; /tmp,
// /run). needrestart's own list, and what the kernel names besides.
bool is_no_program(const MappedFile& file);

}  // namespace muster::restart

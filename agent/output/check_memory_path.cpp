#include "agent/output/check_memory_path.h"

#include <sys/stat.h>

#include <filesystem>

namespace muster::agent {
namespace {

namespace fs = std::filesystem;

// In a directory like /tmp (sticky) nobody replaces what is root's.
bool is_of_root_alone(const fs::path& directory) {
  struct stat found {};
  // What is missing is made, in one that is there; what is no directory is said by who uses it.
  const bool is_there = ::lstat(directory.c_str(), &found) == 0;
  const bool others_write =
      (found.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (found.st_mode & S_ISVTX) == 0;
  if (is_there && (S_ISLNK(found.st_mode) || found.st_uid != 0 || others_write)) return false;
  return directory == directory.root_path() || is_of_root_alone(directory.parent_path());
}

}  // namespace

std::string check_memory_directory(const CheckMemoryPlaces& places) {
  const std::string state_home = places.state_home == nullptr ? "" : places.state_home;
  if (state_home.starts_with('/')) {
    const fs::path directory = fs::path(state_home).lexically_normal() / "muster";
    if (!places.is_root || is_of_root_alone(directory)) return directory.string();
  }
  if (places.is_root) return "/var/lib/muster-check";
  const std::string home = places.home == nullptr ? "" : places.home;
  return home.starts_with('/') ? home + "/.local/state/muster" : "";
}

}  // namespace muster::agent

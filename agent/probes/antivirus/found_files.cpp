#include "agent/probes/antivirus/found_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "agent/probes/protection/text_lines.h"
#include "common/files.h"

namespace muster::antivirus {
namespace {

constexpr size_t kMostOfMounts = 4 << 20;
constexpr int kMostParts = 100;

constexpr std::array<std::string_view, 23> kLocal = {
    "aufs",   "bcachefs", "btrfs",   "devtmpfs", "erofs", "exfat",   "ext2",  "ext3",
    "ext4",   "f2fs",     "iso9660", "jfs",      "ntfs3", "overlay", "ramfs", "reiserfs",
    "rootfs", "squashfs", "tmpfs",   "udf",      "vfat",  "xfs",     "zfs"};
constexpr std::string_view kPrivateTmp = "/systemd-private-";

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

// "/home/a b" of "/home/a\040b".
std::string unescape(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (text.size() >= 4 && text[0] == '\\' && is_octal(text[1]) && is_octal(text[2]) &&
        is_octal(text[3])) {
      plain += static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
      text.remove_prefix(4);
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

// The first part of a relative path, which goes from it.
std::string take_part(std::string& rest) {
  const size_t end = std::min(rest.find('/'), rest.size());
  std::string part = rest.substr(0, end);
  rest.erase(0, std::min(end + 1, rest.size()));
  return part;
}

}  // namespace

Mounts::Mounts(std::string_view mountinfo) {
  while (!mountinfo.empty()) {
    std::string_view line = protection::take_until(mountinfo, '\n');
    for (int before = 0; before < 3; ++before)  // id, parent, device
      protection::take_until(line, ' ');
    const std::string_view part = protection::take_until(line, ' ');
    const std::string_view point = protection::take_until(line, ' ');
    const size_t dash = line.find(" - ");
    if (!point.starts_with('/') || dash == std::string_view::npos) continue;
    line.remove_prefix(dash + 3);
    const std::string_view type = protection::take_until(line, ' ');
    const bool is_local = std::find(kLocal.begin(), kLocal.end(), type) != kLocal.end();
    // What is mounted later covers.
    shown_[unescape(point)] = is_local && part.find(kPrivateTmp) == std::string_view::npos;
  }
}

bool Mounts::shows(std::string_view path) const {
  while (true) {
    if (const auto found = shown_.find(path); found != shown_.end()) return found->second;
    const size_t slash = path.rfind('/');
    if (path == "/" || slash == std::string_view::npos) return false;
    path = path.substr(0, std::max<size_t>(slash, 1));
  }
}

Mounts own_mounts() {
  const auto text = read_file("/proc/self/mountinfo", kMostOfMounts);
  return Mounts(text.ok() ? std::string_view(*text) : std::string_view());
}

std::optional<bool> is_gone(const Mounts& mounts, const std::string& path) {
  std::string at;
  std::string rest = path;
  for (int parts = 0; !rest.empty(); ++parts) {
    if (parts == kMostParts) return std::nullopt;
    const std::string part = take_part(rest);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      at.erase(std::min(at.rfind('/'), at.size()));
      continue;
    }
    const std::string next = at + "/" + part;
    if (!mounts.shows(next)) return std::nullopt;
    struct stat found {};
    if (::lstat(next.c_str(), &found) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return true;
      return std::nullopt;
    }
    if (!S_ISLNK(found.st_mode)) {
      at = next;
      continue;
    }
    std::error_code error;
    const std::string target = std::filesystem::read_symlink(next, error).string();
    if (error) return std::nullopt;
    if (target.starts_with('/')) at.clear();
    rest = target + "/" + rest;
  }
  return false;
}

}  // namespace muster::antivirus

// os-release(5): which distribution this is. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster {

// A field is empty where the file does not have it. All are printable and at most 256 bytes.
struct OsRelease {
  std::string id;                    // "debian"
  std::string name;                  // "Debian GNU/Linux"
  std::vector<std::string> id_like;  // "rhel", "fedora"; at most 16
  std::string version_id;            // "12"
  std::string codename;              // "bookworm"
  std::string pretty_name;           // "Debian GNU/Linux 12 (bookworm)"
  // As uname would name it ("x86_64"); most distributions do not say.
  std::string architecture;
  // The first day without support, "2026-12-02"; most distributions do not say.
  std::string support_end;
};

// Never fails: lines that are no assignment are passed over, as the man page demands, and the last
// assignment of a name holds, as in a shell.
OsRelease parse_os_release(std::string_view text);

}  // namespace muster

// The text that apk keeps its packages in: the database of the installed ones and the file APKINDEX
// of a repository have one format, lines of a letter, a colon and a value, with an empty line after
// each package (apk-package(5) names the letters; the Alpine wiki's "Apk spec" those of the
// installed). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace muster::packages_apk {

// Alpine has 30,000 packages in main and community together.
inline constexpr size_t kMostPackages = 200'000;

struct ApkPackage {
  std::string name;          // P
  std::string version;       // V
  std::string architecture;  // A: "x86_64", "noarch"
  // The source package; the name where there is none.
  std::string origin;  // o
  // The tag of the repository that it came from, without "@"; empty for none. Installed only.
  std::string tag;  // s
  // Its files, its scripts or its extended attributes could not be put in place. Installed only.
  bool broken = false;  // f
  // Of a package with the file boot/vmlinuz-<flavour>: that flavour ("lts"), and the release that
  // it has modules for ("6.6.31-0-lts"; empty if it has none). Installed only.
  std::string kernel_flavour = {};
  std::string kernel_release = {};
};

// InvalidArgument if it is no such text: a line without the form, a package without name or
// version, apk v3's binary format. OutOfRange beyond kMostPackages.
absl::StatusOr<std::vector<ApkPackage>> parse_packages(std::string_view text);

// Whether it is in apk v3's binary format (apk-v3(5)), which this probe does not read.
bool is_adb(std::string_view content);

}  // namespace muster::packages_apk

#include "agent/probes/packages_apk/apk_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/text.h"

namespace muster::packages_apk {
namespace {

constexpr std::string_view kImage = "vmlinuz-";
constexpr std::string_view kModules = "lib/modules/";
constexpr std::string_view kUsrModules = "usr/lib/modules/";

bool has_any(std::string_view text, std::string_view characters) {
  return text.find_first_of(characters) != std::string_view::npos;
}

// Gathers the lines of one package.
class Gathering {
 public:
  void take(char field, std::string_view value) {
    is_empty_ = false;
    switch (field) {
      case 'P':
        package_.name = value;
        break;
      case 'V':
        package_.version = value;
        break;
      case 'A':
        package_.architecture = value;
        break;
      case 'o':
        package_.origin = value;
        break;
      case 's':
        package_.tag = value;
        break;
      case 'f':
        // Files, script, extended attributes; other letters say nothing of the kind.
        package_.broken = has_any(value, "fsx");
        break;
      case 'F':
        take_directory(value);
        break;
      case 'R':
        if ((directory_ == "boot" || directory_ == "usr/lib/boot") && value.starts_with(kImage)) {
          package_.kernel_flavour = value.substr(kImage.size());
        }
        break;
      default:  // what the report has no use for, and letters of a later apk
        break;
    }
  }

  bool is_empty() const { return is_empty_; }

  absl::StatusOr<ApkPackage> finish() {
    if (package_.name.empty() || package_.version.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("a package has no {}", package_.name.empty() ? "name" : "version"));
    }
    if (package_.origin.empty()) package_.origin = package_.name;
    if (package_.kernel_flavour.empty()) package_.kernel_release.clear();
    ApkPackage done = std::move(package_);
    *this = Gathering();
    return done;
  }

 private:
  void take_directory(std::string_view directory) {
    directory_ = directory;
    for (const std::string_view modules : {kModules, kUsrModules}) {
      if (!directory.starts_with(modules)) continue;
      directory.remove_prefix(modules.size());
      package_.kernel_release = directory.substr(0, directory.find('/'));
      return;
    }
  }

  ApkPackage package_ = {};
  std::string_view directory_ = {};
  bool is_empty_ = true;
};

}  // namespace

bool is_adb(std::string_view content) {
  return content.starts_with("ADB");
}

absl::StatusOr<std::vector<ApkPackage>> parse_packages(std::string_view text) {
  if (is_adb(text)) {
    return absl::InvalidArgumentError("it is in apk v3's binary format, which is not supported");
  }
  std::vector<ApkPackage> packages;
  Gathering gathering;
  size_t number = 0;
  while (!text.empty() || !gathering.is_empty()) {
    const size_t newline = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(std::min(newline + 1, text.size()));
    ++number;
    if (!line.empty()) {
      if (line.size() < 2 || line[1] != ':') {
        return absl::InvalidArgumentError(
            fmt::format("line {} is none of this format: '{}'", number, printable(line, 80)));
      }
      gathering.take(line[0], line.substr(2));
      if (!text.empty()) continue;
    }
    if (gathering.is_empty()) continue;
    if (packages.size() == kMostPackages) {
      return absl::OutOfRangeError(fmt::format("it has more than {} packages", kMostPackages));
    }
    absl::StatusOr<ApkPackage> package = gathering.finish();
    if (!package.ok()) {
      const std::string_view reason(package.status().message().data(),
                                    package.status().message().size());
      return absl::InvalidArgumentError(fmt::format("{}, before line {}", reason, number));
    }
    packages.push_back(*std::move(package));
  }
  return packages;
}

}  // namespace muster::packages_apk

#include "agent/probes/lifecycle/dpkg_packages.h"

#include <algorithm>

#include "common/text.h"

namespace muster::lifecycle {
namespace {

constexpr size_t kLongestName = 128;
constexpr std::string_view kImage = "linux-image-";
constexpr std::string_view kUnsigned = "unsigned-";
constexpr std::string_view kSigned = "linux-signed-";

// The fields of one package that count; the rest of a paragraph is passed over.
struct Paragraph {
  std::string_view package = {};
  std::string_view status = {};
  std::string_view version = {};
  std::string_view source = {};
};

void take_line(std::string_view line, Paragraph& paragraph) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || line.front() == ' ') return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (name == "Package") paragraph.package = value;
  if (name == "Status") paragraph.status = value;
  if (name == "Version") paragraph.version = value;
  if (name == "Source") paragraph.source = value.substr(0, value.find(' '));
}

void take(const Paragraph& paragraph, DpkgPackages& found) {
  if (!paragraph.status.ends_with(" installed")) return;
  if (paragraph.package == "distro-info-data") {
    found.distro_info_version = printable(paragraph.version, kLongestName);
  }
  std::string_view release = paragraph.package;
  if (!release.starts_with(kImage) || found.images.size() == kMostImages) return;
  release.remove_prefix(kImage.size());
  if (release.starts_with(kUnsigned)) release.remove_prefix(kUnsigned.size());
  // The package that depends on the newest has no release in its name ("linux-image-generic").
  if (release.empty() || release.front() < '0' || release.front() > '9') return;
  std::string source = printable(paragraph.source, kLongestName);
  if (source.starts_with(kSigned)) source.replace(0, kSigned.size(), "linux-");
  found.images.push_back({printable(release, kLongestName), std::move(source)});
}

}  // namespace

DpkgPackages parse_dpkg_status(std::string_view text) {
  DpkgPackages found;
  Paragraph paragraph;
  while (!text.empty()) {
    const size_t newline = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(std::min(newline + 1, text.size()));
    if (!line.empty()) {
      take_line(line, paragraph);
    } else {
      take(paragraph, found);
      paragraph = {};
    }
  }
  take(paragraph, found);
  return found;
}

}  // namespace muster::lifecycle

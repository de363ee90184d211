#include "agent/probes/lifecycle/lifecycle_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "agent/probes/lifecycle/lifecycle_report.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/timestamp.h"

namespace muster::lifecycle {
namespace {

constexpr size_t kLargestSettings = 1 << 20;
constexpr size_t kMostFiles = 1000;

std::string text_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// The files below one root. What exists and cannot be read is told in the problems.
class Files {
 public:
  Files(const std::string& root, TimePoint now, std::vector<std::string>& problems)
      : root_(root), now_(now), problems_(problems) {}

  // Absent if there is none, or it cannot be read.
  absl::StatusOr<std::string> read(const std::string& path, size_t limit) {
    absl::StatusOr<std::string> content = probe::read_in_root(root_, path, limit);
    if (!content.ok() && !absl::IsNotFound(content.status())) note(path, content.status());
    return content;
  }

  absl::StatusOr<std::vector<std::string>> list(const std::string& path) {
    absl::StatusOr<std::vector<std::string>> names = probe::list_in_root(root_, path, kMostFiles);
    if (!names.ok() && !absl::IsNotFound(names.status())) note(path, names.status());
    return names;
  }

  // When the file was made: packages keep the time of their contents. 1970 and what lies ahead of
  // this system's clock are the times of whoever unpacked it, and tell nothing.
  std::optional<TimePoint> made_at(const std::string& path) const {
    const auto status = probe::status_in_root(root_, path);
    if (!status.ok() || !status->has_modified_at) return std::nullopt;
    const TimePoint time = from_proto(status->modified_at);
    if (status->modified_at.seconds() <= 0 || time > now_) return std::nullopt;
    return time;
  }

  void note(const std::string& path, const absl::Status& status) {
    problems_.push_back(fmt::format("{}: {}", path, text_of(status)));
  }

 private:
  const std::string& root_;
  const TimePoint now_;
  std::vector<std::string>& problems_;
};

// False if there is none.
bool read_os_release(Files& files, LifecycleSources& sources) {
  for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    const absl::StatusOr<std::string> text = files.read(path, kLargestSettings);
    if (!text.ok()) continue;
    sources.os = parse_os_release(*text);
    sources.os_release_made_at = files.made_at(path);
    return true;
  }
  return false;
}

void read_distro_info(Files& files, LifecycleSources& sources) {
  const std::string path = fmt::format("/usr/share/distro-info/{}.csv", sources.os.id);
  const absl::StatusOr<std::string> csv = files.read(path, kLargestDistroInfo);
  if (!csv.ok()) return;
  absl::StatusOr<ReleaseEnds> release =
      find_release(*csv, sources.os.version_id, sources.os.codename);
  if (!release.ok()) {
    files.note(path, release.status());
    return;
  }
  sources.distro_info = *std::move(release);
  sources.distro_info_made_at = files.made_at(path);
}

// Of "linux-hwe-6.8", {6, 8}.
std::pair<int, int> numbers_of(std::string_view source) {
  std::pair<int, int> numbers;
  source.remove_prefix(source.rfind('-') + 1);
  const char* end = source.data() + source.size();
  const auto first = std::from_chars(source.data(), end, numbers.first);
  if (first.ptr != end && *first.ptr == '.') std::from_chars(first.ptr + 1, end, numbers.second);
  return numbers;
}

void read_dpkg(Files& files, std::string_view running_kernel, LifecycleSources& sources) {
  const absl::StatusOr<std::string> status = files.read("/var/lib/dpkg/status", kLargestDpkgStatus);
  if (!status.ok()) return;
  DpkgPackages packages = parse_dpkg_status(*status);
  sources.distro_info_version = std::move(packages.distro_info_version);
  std::vector<KernelImage>& images = packages.images;
  if (!running_kernel.empty()) {
    // In a container none is its own: the kernel is not one of its packages.
    std::erase_if(images,
                  [&](const KernelImage& image) { return image.release != running_kernel; });
  } else if (!images.empty()) {
    // What an image at rest would start: its newest.
    std::sort(images.begin(), images.end(), [](const KernelImage& a, const KernelImage& b) {
      return numbers_of(a.source) > numbers_of(b.source);
    });
    images.resize(1);
  }
  sources.kernels = std::move(images);
}

void read_pro(Files& files, LifecycleSources& sources) {
  const std::string path = "/var/lib/ubuntu-advantage/status.json";
  const absl::StatusOr<std::string> json = files.read(path, kLargestProStatus);
  if (absl::IsNotFound(json.status())) return;  // never attached
  absl::StatusOr<ProCoverage> coverage =
      json.ok() ? parse_pro_status(*json) : absl::StatusOr<ProCoverage>(json.status());
  if (json.ok() && !coverage.ok()) files.note(path, coverage.status());
  sources.pro = coverage.ok() ? std::optional<ProCoverage>(*coverage) : std::nullopt;
}

void read_apt_sources(Files& files, LifecycleSources& sources) {
  std::vector<std::string> paths = {"/etc/apt/sources.list"};
  const std::string directory = "/etc/apt/sources.list.d";
  bool is_whole = true;
  if (const auto names = files.list(directory); names.ok()) {
    for (const std::string& name : *names) {
      if (name.ends_with(".list") || name.ends_with(".sources")) {
        paths.push_back(fmt::format("{}/{}", directory, name));
      }
    }
  } else {
    is_whole = absl::IsNotFound(names.status());
  }
  for (const std::string& path : paths) {
    const absl::StatusOr<std::string> text = files.read(path, kLargestSettings);
    if (text.ok() && has_extended_lts(*text, path.ends_with(".sources"))) {
      sources.has_extended_lts = true;
      return;
    }
    is_whole = is_whole && (text.ok() || absl::IsNotFound(text.status()));
  }
  if (!is_whole) sources.has_extended_lts = std::nullopt;
}

}  // namespace

v1::Section look_at_lifecycle(const std::string& root, std::string_view running_kernel,
                              std::string_view table, TimePoint now) {
  LifecycleSources sources;
  Files files(root, now, sources.problems);
  if (!read_os_release(files, sources)) {
    const std::string why = sources.problems.empty() ? "neither is there; is the system mounted?"
                                                     : sources.problems.front();
    return probe::failed(fmt::format(
        "which distribution this is cannot be read from /etc/os-release or /usr/lib/os-release: {}",
        why));
  }
  absl::StatusOr<std::vector<SupportRow>> rows = parse_support_table(table);
  if (!rows.ok()) return probe::failed(text_of(rows.status()));
  sources.table = *std::move(rows);
  const bool is_debian = sources.os.id == "debian";
  const bool is_ubuntu = sources.os.id == "ubuntu";
  if (is_debian || is_ubuntu) {
    read_distro_info(files, sources);
    read_dpkg(files, running_kernel, sources);
  }
  if (is_ubuntu) read_pro(files, sources);
  if (is_debian) read_apt_sources(files, sources);
  const bool is_oracles = running_kernel.find("uek") != std::string_view::npos;
  if (sources.os.id == "ol" && is_oracles) {
    sources.problems.push_back(fmt::format(
        "until when Oracle mends its kernel {} is not in Muster's table", running_kernel));
  }
  return probe::observed(report(sources));
}

}  // namespace muster::lifecycle

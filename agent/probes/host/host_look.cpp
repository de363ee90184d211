#include "agent/probes/host/host_look.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "agent/probes/host/hardware_identity.h"
#include "agent/probes/host/host_names.h"
#include "agent/probes/host/machine_id.h"
#include "agent/probes/host/os_release.h"
#include "agent/probes/host/time_zone.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "agent/probes/virtualization_traces.h"

namespace muster {
namespace {

// A generous size for a file of settings, and for those of /proc that grow with the processors.
constexpr size_t kFileLimit = 1 << 20;
constexpr size_t kProcLimit = 16 << 20;

// The sources below one root. What exists and cannot be read is noted in the facts.
class Sources {
 public:
  Sources(const std::string& root, v1::HostFacts& facts) : root_(root), facts_(facts) {}

  // Absent if there is none, or it could not be read, which is noted.
  std::optional<std::string> read(const std::string& path, size_t limit = kFileLimit) {
    absl::StatusOr<std::string> content = probe::read_in_root(root_, path, limit);
    if (content.ok()) return std::move(*content);
    if (!absl::IsNotFound(content.status())) note(path, content.status());
    return {};
  }

  bool exists(const std::string& path) const {
    return !absl::IsNotFound(probe::status_in_root(root_, path).status());
  }

  // Where a link leads, as it is written; empty if it is none.
  std::string link_target(const std::string& directory, const std::string& name) const {
    std::error_code ignored;
    const std::string real = probe::resolve_in_root(root_, directory) + "/" + name;
    return std::filesystem::read_symlink(real, ignored).string();
  }

  void note(const std::string& path, const absl::Status& status) {
    v1::UnreadableSource& source = *facts_.add_unreadable();
    source.set_path(path);
    source.set_error(std::string(status.message().data(), status.message().size()));
    if (absl::IsPermissionDenied(status)) {
      source.mutable_error()->append(": only root can read it, so run the probe as root");
    }
  }

 private:
  const std::string& root_;
  v1::HostFacts& facts_;
};

void add_operating_system(Sources& sources, v1::HostFacts& facts) {
  std::optional<std::string> text = sources.read("/etc/os-release");
  if (!text) text = sources.read("/usr/lib/os-release");
  if (!text) return;
  OsRelease release = parse_os_release(*text);
  facts.set_os_id(std::move(release.id));
  facts.set_os_version_id(std::move(release.version_id));
  facts.set_os_codename(std::move(release.codename));
  facts.set_os_pretty_name(std::move(release.pretty_name));
  facts.mutable_os_id_like()->Assign(release.id_like.begin(), release.id_like.end());
  facts.set_architecture(std::move(release.architecture));
}

void add_names(Sources& sources, const std::optional<RunningSystem>& running,
               v1::HostFacts& facts) {
  if (running) {
    facts.set_hostname(running->hostname);
  } else if (const std::optional<std::string> text = sources.read("/etc/hostname")) {
    facts.set_hostname(parse_hostname(*text));
  }
  facts.set_fqdn(find_fqdn(facts.hostname(), sources.read("/etc/hosts").value_or("")));
  if (const std::optional<std::string> text = sources.read("/etc/machine-id")) {
    const absl::StatusOr<std::string> id = parse_machine_id(*text);
    if (id.ok()) {
      facts.set_machine_id_hash(application_specific_id(*id, muster_application_id()));
    } else if (!absl::IsNotFound(id.status())) {
      sources.note("/etc/machine-id", id.status());
    }
  }
}

void add_time_zone(Sources& sources, v1::HostFacts& facts) {
  const std::string target = sources.link_target("/etc", "localtime");
  if (std::string zone = zone_of_link(target); !zone.empty()) {
    facts.set_time_zone(std::move(zone));
  } else if (const std::optional<std::string> text = sources.read("/etc/timezone")) {
    facts.set_time_zone(parse_timezone_file(*text));
  } else if (!sources.exists("/etc/localtime")) {
    facts.set_time_zone("UTC");  // localtime(5): what is used where none is set
  }
}

void add_kernel(Sources& sources, const RunningSystem& running, v1::HostFacts& facts) {
  facts.set_kernel_release(running.kernel_release);
  facts.set_kernel_version(running.kernel_version);
  facts.set_architecture(running.machine);
  if (const std::optional<std::string> text = sources.read("/proc/stat", kProcLimit)) {
    const absl::StatusOr<int64_t> boot_time = parse_boot_time(*text);
    if (boot_time.ok()) {
      facts.mutable_boot_time()->set_seconds(*boot_time);
    } else {
      sources.note("/proc/stat", boot_time.status());
    }
  }
}

void add_hardware(Sources& sources, v1::HostFacts& facts) {
  const auto identity = [&sources](const std::string& name) {
    return clean_identity(sources.read("/sys/class/dmi/id/" + name).value_or(""));
  };
  facts.set_vendor(identity("sys_vendor"));
  facts.set_model(identity("product_name"));
  facts.set_serial_number(identity("product_serial"));
}

void add_virtualization(const std::string& root, Sources& sources, const RunningSystem& running,
                        v1::HostFacts& facts) {
  const VirtualizationTraces traces = read_virtualization_traces(root, running);
  VirtualizationKind found = detect_virtualization(traces);
  facts.set_virtualization(found.kind);
  facts.set_virtualization_technology(std::move(found.technology));
  if (found.kind != v1::VIRTUALIZATION_CONTAINER && may_hide_a_container(root, traces)) {
    const std::optional<std::string> noted = sources.read("/proc/1/environ");
    if (!noted && found.kind == v1::VIRTUALIZATION_NONE) {
      facts.set_virtualization(v1::VIRTUALIZATION_UNSPECIFIED);
    }
  }
}

}  // namespace

v1::Section look_at_host(const std::string& root, const std::optional<RunningSystem>& running) {
  const absl::StatusOr<probe::FileStatus> etc = probe::status_in_root(root, "/etc");
  const bool has_release = probe::status_in_root(root, "/usr/lib/os-release").ok();
  if (!running && !has_release && !(etc.ok() && etc->kind == probe::FileKind::kDirectory)) {
    return probe::failed(fmt::format(
        "{} holds no system: it has neither /etc nor /usr/lib/os-release; is it mounted?", root));
  }
  v1::HostFacts facts;
  Sources sources(root, facts);
  add_operating_system(sources, facts);
  add_names(sources, running, facts);
  add_time_zone(sources, facts);
  if (running) {
    add_kernel(sources, *running, facts);
    add_hardware(sources, facts);
    add_virtualization(root, sources, *running, facts);
  }
  return probe::observed(facts);
}

}  // namespace muster

#include "agent/probes/antivirus/clamav.h"

#include <array>
#include <span>
#include <string>

#include "agent/probes/antivirus/clamav_database.h"
#include "agent/probes/antivirus/clamav_scan_command.h"
#include "agent/probes/antivirus/clamav_setup.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"

namespace muster::antivirus {
namespace {

using protection::ProductLook;

// Debian's, Fedora's and EPEL's, SUSE's and ClamAV's own places. muster-answers looks for the
// socket in the first of these that is there, too.
constexpr std::array<const char*, 4> kDaemonConfigs = {"/etc/clamav/clamd.conf",
                                                       "/etc/clamd.d/scan.conf", "/etc/clamd.conf",
                                                       "/usr/local/etc/clamd.conf"};
constexpr std::array<const char*, 3> kUpdaterConfigs = {
    "/etc/clamav/freshclam.conf", "/etc/freshclam.conf", "/usr/local/etc/freshclam.conf"};
constexpr const char* kName = "ClamAV";
constexpr const char* kDatabases = "/var/lib/clamav";

// The path of the first that is there; empty: none.
std::string read_config(const ProductLook& look, std::span<const char* const> paths,
                        std::string_view fact, ClamavConfig& config,
                        v1::ProtectionProduct& product) {
  for (const char* path : paths) {
    const auto text = protection::read_product_file(look, path, fact, product);
    if (absl::IsNotFound(text.status())) continue;
    if (text.ok()) config = ClamavConfig(*text);
    protection::add_source(product, path);
    return path;
  }
  return {};
}

// What scheduled scans of the whole system leave out.
void add_scan_exclusions(const ClamavSetup& setup, v1::ProtectionProduct& product) {
  for (const protection::ScheduledJob& job : setup.scans.jobs) {
    const ScanCommand command = parse_scan_command(job.text);
    if (command.scope == ScanCommand::Scope::kParts) continue;
    for (const std::string& value : command.exclusions)
      protection::add_exclusion(product, "path", value);
    if (command.has_variables) {
      protection::add_unread(product, "exclusions",
                             job.name + ": what it has clamscan leave out is in a variable");
    }
  }
  if (!setup.scans.unread.empty()) {
    protection::add_unread(product, "exclusions", setup.scans.unread);
  }
}

// What neither clamd nor the on-access scanner looks at, nor a scan.
void add_exclusions(const ClamavSetup& setup, v1::ProtectionProduct& product) {
  struct Option {
    const char* name;
    const char* kind;
  };
  constexpr auto kOptions = std::to_array<Option>({{"ExcludePath", "path"},
                                                   {"OnAccessExcludePath", "path"},
                                                   {"OnAccessExcludeUname", "user"},
                                                   {"OnAccessExcludeUID", "user"}});
  for (const Option& option : kOptions) {
    for (const std::string& value : setup.daemon_config.values(option.name)) {
      protection::add_exclusion(product, option.kind, value);
    }
  }
  if (setup.daemon_config.flag("OnAccessExcludeRootUID", false)) {
    protection::add_exclusion(product, "user", "root");
  }
  add_scan_exclusions(setup, product);
  if (!protection::is_unread(product, "exclusions")) protection::say_exclusions_were_read(product);
}

}  // namespace

std::optional<ClamavSetup> find_clamav(const ProductLook& look, v1::ProtectionProduct& product) {
  ClamavSetup setup;
  setup.has_daemon = is_there(look, kName, {"/usr/sbin/clamd", "/usr/local/sbin/clamd"});
  setup.has_scanner = is_there(look, kName, {"/usr/bin/clamscan", "/usr/local/bin/clamscan"});
  if (!setup.has_daemon && !setup.has_scanner) return std::nullopt;
  setup.has_updater = is_there(look, kName, {"/usr/bin/freshclam", "/usr/local/bin/freshclam"});
  setup.daemon_config_path =
      read_config(look, kDaemonConfigs, "exclusions", setup.daemon_config, product);
  setup.updater_config_path =
      read_config(look, kUpdaterConfigs, "update_error", setup.updater_config, product);
  setup.database_directory = setup.daemon_config.value(
      "DatabaseDirectory", setup.updater_config.value("DatabaseDirectory", kDatabases));
  setup.zone = protection::local_zone(look.root);
  setup.scans = protection::jobs_that_call(look.root, {"clamscan", "clamdscan"});
  std::erase_if(setup.scans.jobs,
                [](const auto& job) { return !parse_scan_command(job.text).is_scan; });
  return setup;
}

std::optional<v1::ProtectionProduct> read_clamav(const ProductLook& look) {
  v1::ProtectionProduct product;
  const std::optional<ClamavSetup> setup = find_clamav(look, product);
  if (!setup) return std::nullopt;
  add_exclusions(*setup, product);
  add_disk_signatures(look, setup->database_directory, product);
  add_clamav_state(look, *setup, product);
  add_clamav_updates(look, *setup, product);
  add_clamav_scans(look, *setup, product);
  return product;
}

}  // namespace muster::antivirus

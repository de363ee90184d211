// Where one installation of ClamAV has its things: its settings, and what is looked at by all the
// parts of its reader. Calls block; any thread.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>

#include "agent/probes/antivirus/clamav_config.h"
#include "agent/probes/protection/product.h"
#include "agent/probes/protection/scheduled_jobs.h"

namespace muster::antivirus {

struct ClamavSetup {
  // clamd, clamscan and freshclam are installed.
  bool has_daemon = false;
  bool has_scanner = false;
  bool has_updater = false;
  // Which files the settings are from; empty: there are none.
  std::string daemon_config_path;
  std::string updater_config_path;
  ClamavConfig daemon_config;
  ClamavConfig updater_config;
  // Where the databases are.
  std::string database_directory;
  // In which its logs' times are; unset: it cannot be read.
  std::optional<absl::TimeZone> zone;
  // What calls clamscan or clamdscan by itself.
  protection::ScheduledJobs scans;
};

// Unset: ClamAV is not installed. Settings that cannot be read make "exclusions" unread.
std::optional<ClamavSetup> find_clamav(const protection::ProductLook& look,
                                       v1::ProtectionProduct& product);

// The parts of the reader, in the order in which they are called. Each sets its facts, or has them
// unread.
//
// The program that is installed, what runs, which signatures are loaded, and the mode.
void add_clamav_state(const protection::ProductLook& look, const ClamavSetup& setup,
                      v1::ProtectionProduct& product);
// freshclam: its last runs, and what starts it.
void add_clamav_updates(const protection::ProductLook& look, const ClamavSetup& setup,
                        v1::ProtectionProduct& product);
// The last scans, what starts them, and what was found.
void add_clamav_scans(const protection::ProductLook& look, const ClamavSetup& setup,
                      v1::ProtectionProduct& product);

}  // namespace muster::antivirus

// freshclam: its last runs by its log, and what starts it.
#include <fmt/format.h>

#include <string>

#include "agent/probes/antivirus/clamav_setup.h"
#include "agent/probes/antivirus/clamav_update.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/running_programs.h"
#include "agent/probes/systemd_units.h"

namespace muster::antivirus {
namespace {

using protection::ProductLook;
using v1::ProtectionProduct;

constexpr auto kUnits = {"clamav-freshclam.service", "freshclam.service"};

void set_unread(v1::ProtectionProduct& product, const std::string& reason) {
  protection::add_unread(product, "last_update_tried_at", reason);
  protection::add_unread(product, "last_update_succeeded_at", reason);
}

void add_history(const ProductLook& look, const ClamavSetup& setup, ProtectionProduct& product) {
  const std::string path = setup.updater_config.value("UpdateLogFile");
  if (path.empty()) {
    const std::string where =
        setup.updater_config_path.empty() ? "freshclam.conf" : setup.updater_config_path;
    return set_unread(product, "freshclam has no log of its own: set UpdateLogFile in " + where);
  }
  if (!setup.zone) return set_unread(product, "the host's time zone cannot be read");
  // The one before it was rotated, too: a new one may be empty.
  std::string log;
  for (const std::string& each : {path + ".1", path}) {
    const auto text = protection::read_end_in_root(look.root, each, kMostOfUpdateLog);
    if (text.ok()) {
      log += *text + "\n";
    } else if (!absl::IsNotFound(text.status())) {
      return set_unread(product, protection::reason_of(each, text.status()));
    }
  }
  protection::add_source(product, path);
  const UpdateHistory history = parse_freshclam_log(log, *setup.zone);
  if (!history.has_runs) return set_unread(product, path + " tells of no run of freshclam");
  protection::set_time(product, &ProtectionProduct::mutable_last_update_tried_at,
                       protection::whole_seconds(history.tried_at));
  const bool succeeded =
      protection::set_time(product, &ProtectionProduct::mutable_last_update_succeeded_at,
                           protection::whole_seconds(history.succeeded_at));
  if (!succeeded) {
    protection::add_unread(product, "last_update_succeeded_at",
                           path + " tells of no run that succeeded");
  }
  product.set_update_error(history.error);
  for (const std::string& warning : history.warnings) {
    protection::add_complaint(product, "freshclam: " + warning);
  }
}

void add_schedule(const ProductLook& look, const ClamavSetup& setup, ProtectionProduct& product) {
  std::vector<uint32_t> users;
  const std::string owner = setup.updater_config.value("DatabaseOwner", "clamav");
  if (const auto user = protection::user_number(look.root, owner)) users.push_back(*user);
  const protection::RunningEvidence daemon =
      protection::is_running(look, kUnits, "freshclam", users);
  if (daemon.runs == true) return product.set_updates_scheduled(v1::ANSWER_YES);
  const protection::ScheduledJobs jobs = protection::jobs_that_call(look.root, {"freshclam"});
  if (!jobs.jobs.empty()) return product.set_updates_scheduled(v1::ANSWER_YES);
  for (const char* unit : kUnits) {
    const bool is_enabled =
        probe::entry_wanted_by(look.root, "multi-user.target", unit) == probe::UnitEntry::kThere;
    if (!is_enabled) continue;
    // Of an image at rest, this is all that can be told.
    if (!look.root.empty()) return product.set_updates_scheduled(v1::ANSWER_YES);
    if (daemon.runs == false) {
      protection::add_complaint(product, fmt::format("{} is enabled and does not run", unit));
    }
  }
  const bool is_known = jobs.unread.empty() && (daemon.runs == false || !look.root.empty());
  if (is_known) return product.set_updates_scheduled(v1::ANSWER_NO);
  protection::add_unread(product, "updates_scheduled",
                         jobs.unread.empty() ? daemon.reason : jobs.unread);
}

}  // namespace

void add_clamav_updates(const ProductLook& look, const ClamavSetup& setup,
                        ProtectionProduct& product) {
  if (!setup.has_updater) {
    protection::add_complaint(product, "freshclam is not installed: nothing updates signatures");
    product.set_updates_scheduled(v1::ANSWER_NO);
    return;
  }
  add_history(look, setup, product);
  add_schedule(look, setup, product);
  const bool is_told = !setup.updater_config.values("NotifyClamd").empty() ||
                       setup.daemon_config.value("SelfCheck") != "0";
  if (setup.has_daemon && !is_told) {
    protection::add_complaint(product,
                              "nothing tells clamd of new signatures: SelfCheck is 0 and freshclam "
                              "has no NotifyClamd");
  }
}

}  // namespace muster::antivirus

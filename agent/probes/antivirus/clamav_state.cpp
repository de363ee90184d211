// What of ClamAV runs, with which signatures, and what that comes to.
#include <fmt/format.h>

#include <string>

#include "agent/probes/antivirus/clamav_daemon.h"
#include "agent/probes/antivirus/clamav_setup.h"
#include "agent/probes/protection/product_complaint.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/running_programs.h"
#include "agent/probes/systemd_units.h"

namespace muster::antivirus {
namespace {

using protection::ProductLook;
using protection::RunningEvidence;

constexpr const char* kDaemon = "clamd";
// Debian's, Fedora's with EPEL's, and SUSE's.
constexpr auto kDaemonUnits = {"clamav-daemon.service", "clamd@scan.service", "clamd.service"};
constexpr auto kOnAccessUnits = {"clamav-clamonacc.service", "clamonacc.service"};
constexpr const char* kVersion = "clamav-version";
constexpr const char* kZoneUnread = "the host's time zone cannot be read: /etc/localtime";

// Which of the units is enabled; empty: none.
std::string enabled_of(const std::string& root, std::initializer_list<const char*> units) {
  for (const char* unit : units) {
    if (probe::entry_wanted_by(root, "multi-user.target", unit) == probe::UnitEntry::kThere) {
      return unit;
    }
  }
  return {};
}

RunningEvidence daemon_evidence(const ProductLook& look, const ClamavSetup& setup) {
  std::vector<uint32_t> users;
  if (const auto user = protection::user_number(look.root, setup.daemon_config.value("User"))) {
    users.push_back(*user);
  }
  return protection::is_running(
      look, {"clamav-daemon.service", "clamd@scan.service", "clamd.service"}, kDaemon, users);
}

void add_version(const ProductLook& look, v1::ProtectionProduct& product) {
  const answers::Answer* answer = look.answers.find(kVersion);
  const std::string complaint = probe::complaint_about(look.answers, kVersion);
  if (answer != nullptr && complaint.empty()) product.set_version(version_of(answer->text));
  if (product.version().empty()) product.set_version(product.engine_version());
  if (!product.version().empty()) return;
  protection::add_unread(product, "version",
                         complaint.empty() ? "clamscan --version says none" : complaint);
}

void add_loaded(const ClamdReply& reply, const ClamavSetup& setup, v1::ProtectionProduct& product) {
  if (reply.engine.empty()) {
    protection::add_unread(product, "loaded_signatures", "clamd answers and tells no version");
    return;
  }
  product.set_engine_version(reply.engine);
  v1::Signatures& loaded = *product.mutable_loaded_signatures();
  if (reply.daily == 0) return;  // local ones have no version
  loaded.set_version(fmt::to_string(reply.daily));
  const bool has_time = protection::set_time(loaded, &v1::Signatures::mutable_built_at,
                                             protection::whole_seconds(reply.daily_built_at));
  if (!has_time) {
    protection::add_unread(product, "loaded_signatures.built_at",
                           setup.zone ? "clamd tells no time" : kZoneUnread);
  }
}

// Sets running, loaded_signatures and engine_version; true if clamd answers.
bool add_daemon(const ProductLook& look, const ClamavSetup& setup, v1::ProtectionProduct& product) {
  const answers::Answer* answer = look.answers.find(kDaemon);
  std::string complaint = probe::complaint_about(look.answers, kDaemon);
  const RunningEvidence evidence = daemon_evidence(look, setup);
  if (answer != nullptr && complaint.empty()) {
    const ClamdReply reply = parse_clamd_reply(answer->text, setup.zone);
    if (reply.answers && evidence.runs == true) {
      product.set_running(v1::ANSWER_YES);
      protection::add_source(product, "clamd by its socket");
      add_loaded(reply, setup, product);
      if (!reply.state.empty() && !reply.state.starts_with("VALID")) {
        protection::add_complaint(product, "clamd says of its state: " + reply.state);
      }
      return true;
    }
    if (reply.answers && evidence.runs == false) {
      // Whoever may write where the socket is can answer as clamd does.
      complaint = "what answers at clamd's socket is no clamd of root's or of its User's";
      for (const char* fact : {"running", "loaded_signatures"}) {
        protection::add_unread(product, fact, complaint);
      }
      protection::add_complaint(product, complaint);
      return false;
    }
    complaint =
        reply.answers
            ? "whether clamd is what answers at its socket is not known: " + evidence.reason
            : "clamd does not answer PING: " + (reply.other.empty() ? "nothing" : reply.other);
  }
  if (evidence.runs) {
    product.set_running(protection::answer(*evidence.runs));
  } else {
    protection::add_unread(product, "running", evidence.reason);
  }
  if (evidence.runs == false) return false;
  protection::add_unread(product, "loaded_signatures", complaint);
  if (evidence.runs == true) {
    protection::add_complaint(product, "clamd runs and cannot be asked: " + complaint);
  }
  return false;
}

void set_mode(v1::ProtectionMode mode, const std::string& words, v1::ProtectionProduct& product) {
  product.set_mode(mode);
  product.set_mode_words(words);
}

// Whether the unit of clamonacc moves or removes infected files, as Debian's does.
bool takes_away(const std::string& root, const std::string& unit) {
  const auto text = probe::unit_text(root, unit);
  if (unit.empty() || !text.ok()) return false;
  for (const std::string_view command : probe::unit_values(*text, "ExecStart")) {
    for (const std::string_view option : {" --move", " --remove"}) {
      if (command.find(option) != std::string_view::npos) return true;
    }
  }
  return false;
}

// clamd answers: what uses it in real time?
void add_on_access(const ProductLook& look, const ClamavSetup& setup,
                   v1::ProtectionProduct& product) {
  const RunningEvidence scanner = protection::is_running(look, kOnAccessUnits, "clamonacc");
  if (!scanner.runs) {
    protection::add_unread(product, "real_time", scanner.reason);
    protection::add_unread(product, "mode", scanner.reason);
    return;
  }
  product.set_real_time(protection::answer(*scanner.runs));
  const std::string enabled = enabled_of(look.root, kOnAccessUnits);
  if (*scanner.runs) {
    // Paths are guarded, mount points only watched (clamd.conf(5)).
    const bool blocks = setup.daemon_config.flag("OnAccessPrevention", false) &&
                        !setup.daemon_config.values("OnAccessIncludePath").empty();
    if (blocks) return set_mode(v1::PROTECTION_MODE_ACTIVE, "clamonacc blocks on access", product);
    if (takes_away(look.root, enabled)) {
      return set_mode(v1::PROTECTION_MODE_ACTIVE,
                      enabled + " takes away what it finds, once it was opened", product);
    }
    return set_mode(v1::PROTECTION_MODE_PASSIVE,
                    "clamonacc looks on access and blocks nothing: OnAccessPrevention is off, or "
                    "there is no OnAccessIncludePath",
                    product);
  }
  if (!enabled.empty()) {
    return set_mode(v1::PROTECTION_MODE_REDUCED, enabled + " is enabled and does not run", product);
  }
  set_mode(v1::PROTECTION_MODE_ON_DEMAND, "clamd answers who asks it; nothing scans on access",
           product);
}

// clamd does not run, or is not installed.
void add_without_daemon(const ProductLook& look, const ClamavSetup& setup,
                        v1::ProtectionProduct& product) {
  product.set_real_time(v1::ANSWER_NO);
  const std::string enabled = enabled_of(look.root, kDaemonUnits);
  if (setup.has_daemon && !enabled.empty()) {
    return set_mode(v1::PROTECTION_MODE_OFF, enabled + " is enabled and does not run", product);
  }
  const bool is_scanned = setup.has_scanner && (!setup.has_daemon || !setup.scans.jobs.empty());
  if (!is_scanned) return set_mode(v1::PROTECTION_MODE_OFF, "clamd does not run", product);
  if (product.has_disk_signatures() && !product.disk_signatures().has_written_at()) {
    return set_mode(v1::PROTECTION_MODE_OFF, "clamscan has no signatures", product);
  }
  set_mode(v1::PROTECTION_MODE_ON_DEMAND, "clamscan, where it is started", product);
}

}  // namespace

void add_clamav_state(const ProductLook& look, const ClamavSetup& setup,
                      v1::ProtectionProduct& product) {
  const bool answers = setup.has_daemon && add_daemon(look, setup, product);
  add_version(look, product);
  if (answers) return add_on_access(look, setup, product);
  if (!setup.has_daemon || product.running() == v1::ANSWER_NO) {
    return add_without_daemon(look, setup, product);
  }
  const std::string reason = product.running() == v1::ANSWER_YES
                                 ? "clamd runs and does not answer"
                                 : "whether clamd runs is not known";
  protection::add_unread(product, "real_time", reason);
  protection::add_unread(product, "mode", reason);
}

}  // namespace muster::antivirus

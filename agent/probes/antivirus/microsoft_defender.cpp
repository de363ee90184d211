// Microsoft Defender for Endpoint on Linux, by `mdatp ... --output json` and what its managed
// settings exclude. "healthy" alone says little: it stays true in passive mode.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "agent/probes/antivirus/microsoft_defender_history.h"
#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_complaint.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_json.h"
#include "agent/probes/protection/scheduled_jobs.h"

namespace muster::antivirus {
namespace {

namespace json = boost::json;

constexpr std::string_view kHealth = "microsoft-defender";
constexpr const char* kManaged = "/etc/opt/microsoft/mdatp/managed/mdatp_managed.json";

// Settings are objects with what manages them beside the value; states are the value itself.
std::optional<bool> flag_of(const json::object& health, const std::string& name) {
  const auto value = protection::json_flag(health, name + ".value");
  return value ? value : protection::json_flag(health, name);
}

v1::Answer answer_of(const json::object& health, const std::string& name, std::string_view fact,
                     v1::ProtectionProduct& product) {
  const auto flag = flag_of(health, name);
  if (!flag) protection::add_not_understood(std::nullopt, name, fact, product);
  return flag ? protection::answer(*flag) : v1::ANSWER_UNSPECIFIED;
}

std::string text_of(const json::object& health, const std::string& name, std::string_view fact,
                    v1::ProtectionProduct& product) {
  auto text = protection::json_text(health, name);
  if (!text || text->empty()) protection::add_not_understood(std::nullopt, name, fact, product);
  return std::move(text).value_or("");
}

// The texts of a list, as complaints.
void read_complaints(const json::object& health, const char* name, std::string_view before,
                     v1::ProtectionProduct& product) {
  const json::value* const member = protection::json_member(health, name);
  const json::array* const list = member == nullptr ? nullptr : member->if_array();
  if (list == nullptr) return;
  for (const json::value& element : *list) {
    const json::string* const text = element.if_string();
    if (text == nullptr) continue;
    protection::add_complaint(
        product, fmt::format("{}{}", before, std::string_view(text->data(), text->size())));
  }
}

void read_definitions(const protection::ProductLook& look, const json::object& health,
                      v1::ProtectionProduct& product) {
  const std::string version = text_of(health, "definitionsVersion", "loaded_signatures", product);
  if (!version.empty()) product.mutable_loaded_signatures()->set_version(version);
  protection::set_time(
      product, &v1::ProtectionProduct::mutable_last_update_succeeded_at,
      protection::time_or_unread(parse_defender_time(health, "definitionsUpdated"), std::nullopt,
                                 "definitionsUpdated", "last_update_succeeded_at", product));
  const std::string status = protection::json_text(health, "definitionsStatus.$type").value_or("");
  if (!status.empty() && status != "upToDate" && status != "updating") {
    product.set_update_error("definitionsStatus: " + protection::product_text(status));
  }
  product.set_updates_scheduled(
      answer_of(health, "automaticDefinitionUpdateEnabled", "updates_scheduled", product));
  const auto supported_until = parse_defender_time(health, "productExpiration");
  if (supported_until && *supported_until <= look.now) {
    protection::add_complaint(product, "this version of it is not supported any more: update it");
  }
}

// Of a product that runs.
void read_mode(const json::object& health, v1::ProtectionProduct& product) {
  const auto healthy = flag_of(health, "healthy");
  const auto passive = flag_of(health, "passiveModeEnabled");
  const auto enabled = flag_of(health, "realTimeProtectionEnabled");
  // Absent in old versions: only what they say counts.
  const bool available = flag_of(health, "realTimeProtectionAvailable").value_or(true);
  if (enabled) {
    product.set_real_time(protection::answer(*enabled && available));
  } else {
    protection::add_not_understood(std::nullopt, "realTimeProtectionEnabled", "real_time", product);
  }
  const auto set = [&product](v1::ProtectionMode mode, std::string_view words) {
    product.set_mode(mode);
    product.set_mode_words(std::string(words));
  };
  if (!healthy || !passive || !enabled) {
    protection::add_unread(product, "mode",
                           "mdatp health does not tell of one of healthy, passiveModeEnabled and "
                           "realTimeProtectionEnabled");
  } else if (*passive) {
    set(v1::PROTECTION_MODE_PASSIVE, "passive mode");
  } else if (!*enabled) {
    set(v1::PROTECTION_MODE_ON_DEMAND, "real-time protection is not enabled");
  } else if (!available) {
    set(v1::PROTECTION_MODE_REDUCED, "real-time protection is not available");
  } else if (!*healthy) {
    set(v1::PROTECTION_MODE_REDUCED, "not healthy");
  } else {
    set(v1::PROTECTION_MODE_ACTIVE, "");
  }
}

// Nothing of mdatp health can be used.
void add_unread_health(v1::ProtectionProduct& product, std::string_view why) {
  protection::add_unread_all(product,
                             {"version", "engine_version", "loaded_signatures",
                              "last_update_succeeded_at", "updates_scheduled", "licensed"},
                             why);
  if (product.running() == v1::ANSWER_NO) return;
  protection::add_unread_all(product, {"mode", "real_time"}, why);
}

void read_health(const protection::ProductLook& look, std::string_view text,
                 v1::ProtectionProduct& product) {
  const auto health = protection::json_object_of(text);
  if (!health.ok()) {
    add_unread_health(product, protection::reason_of("mdatp health", health.status()));
    return;
  }
  product.set_version(text_of(*health, "appVersion", "version", product));
  product.set_engine_version(text_of(*health, "engineVersion", "engine_version", product));
  product.set_licensed(answer_of(*health, "licensed", "licensed", product));
  read_definitions(look, *health, product);
  read_complaints(*health, "healthIssues", "", product);
  read_complaints(*health, "conflictingApplications", "it conflicts with ", product);
  if (product.running() != v1::ANSWER_NO) read_mode(*health, product);
}

// Entries of the managed settings, and of the list that mdatp makes of these and local ones.
// Whether each was understood.
bool read_exclusions(const json::array& list, v1::ProtectionProduct& product) {
  bool understood = true;
  for (const json::value& element : list) {
    const json::object* const entry = element.if_object();
    const std::string type =
        entry == nullptr ? "" : protection::json_text(*entry, "$type").value_or("");
    if (type == "excludedPath") {
      protection::add_exclusion(product, "path",
                                protection::json_text(*entry, "path").value_or(""));
    } else if (type == "excludedFileExtension") {
      protection::add_exclusion(product, "extension",
                                protection::json_text(*entry, "extension").value_or(""));
    } else if (type == "excludedFileName") {
      protection::add_exclusion(product, "process",
                                protection::json_text(*entry, "name").value_or(""));
    } else {
      understood = false;
    }
  }
  return understood;
}

const json::array* list_of(const json::object& object, std::string_view path) {
  const json::value* const member = protection::json_member(object, path);
  return member == nullptr ? nullptr : member->if_array();
}

// What the administrator's settings exclude; they need not be there.
void read_managed(const protection::ProductLook& look, v1::ProtectionProduct& product) {
  const auto file = protection::read_product_file(look, kManaged, "exclusions", product);
  if (!file.ok()) return;
  protection::add_source(product, kManaged);
  const auto settings = protection::json_object_of(*file);
  if (!settings.ok()) {
    protection::add_unread(product, "exclusions",
                           protection::reason_of(kManaged, settings.status()));
    return;
  }
  for (const char* const path : {"antivirusEngine.exclusions", "exclusionSettings.exclusions"}) {
    const json::array* const list = list_of(*settings, path);
    if (list != nullptr && !read_exclusions(*list, product)) {
      protection::add_unread(
          product, "exclusions",
          fmt::format("{}: an exclusion of a kind that Muster does not know", kManaged));
    }
  }
}

void read_exclusion_list(std::string_view text, v1::ProtectionProduct& product) {
  const auto object = protection::json_object_of(text);
  const json::array* list = object.ok() ? list_of(*object, "exclusions") : nullptr;
  const auto array = protection::json_array_of(text);
  if (list == nullptr && array.ok()) list = &*array;
  if (list != nullptr && read_exclusions(*list, product)) {
    protection::say_exclusions_were_read(product);
    return;
  }
  protection::add_unread(product, "exclusions",
                         "what mdatp exclusion list answers is not of the form that Muster knows");
}

void read_schedule(const protection::ProductLook& look, v1::ProtectionProduct& product) {
  const protection::ScheduledJobs jobs = protection::jobs_that_call(look.root, {"mdatp"});
  for (const protection::ScheduledJob& job : jobs.jobs) {
    if (job.text.find("scan") == std::string::npos) continue;
    product.set_checks_scheduled(v1::ANSWER_YES);
    protection::add_source(product, job.name);
    return;
  }
  if (jobs.unread.empty()) {
    product.set_checks_scheduled(v1::ANSWER_NO);
  } else {
    protection::add_unread(product, "checks_scheduled", jobs.unread);
  }
}

}  // namespace

std::optional<v1::ProtectionProduct> read_microsoft_defender(const protection::ProductLook& look) {
  if (!protection::is_there(look, "Microsoft Defender", {"/opt/microsoft/mdatp"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  protection::set_running(look, {"mdatp.service"}, "wdavdaemon", product);
  if (product.running() == v1::ANSWER_NO) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("wdavdaemon does not run");
    product.set_real_time(v1::ANSWER_NO);
  }
  if (const auto text = protection::answer_text(look, kHealth, "mdatp health", {}, product)) {
    read_health(look, *text, product);
  } else {
    add_unread_health(product, probe::complaint_about(look.answers, kHealth));
  }
  if (const auto text = protection::answer_text(look, "microsoft-defender-exclusions",
                                                "mdatp exclusion list", {"exclusions"}, product)) {
    read_exclusion_list(*text, product);
  }
  read_managed(look, product);
  if (const auto text = protection::answer_text(look, "microsoft-defender-scans", "mdatp scan list",
                                                {"full_scan", "quick_scan"}, product)) {
    read_defender_scans(*text, product);
  }
  if (const auto text =
          protection::answer_text(look, "microsoft-defender-threats", "mdatp threat list",
                                  {"threats_found", "threats_unresolved"}, product)) {
    read_defender_threats(*text, product);
  }
  read_schedule(look, product);
  return product;
}

}  // namespace muster::antivirus

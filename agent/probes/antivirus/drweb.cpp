// Dr.Web for UNIX (servers, workstations), by `drweb-ctl`: its databases and its licence.
#include <fmt/format.h>

#include <charconv>

#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/running_programs.h"
#include "common/text.h"

namespace muster::antivirus {
namespace {

using protection::StatusLines;

constexpr const char* kTimeForm = "%Y-%b-%d %H:%M:%S";

void read_databases(const protection::ProductLook& look, const StatusLines& lines,
                    v1::ProtectionProduct& product) {
  constexpr std::string_view kMade = "Virus database timestamp";
  constexpr std::string_view kUpdate = "Last successful update";
  constexpr std::string_view kNext = "Next scheduled update";
  const std::optional<absl::TimeZone> zone = protection::local_zone(look.root);
  const auto time_of = [&zone](std::optional<std::string_view> text) {
    return zone && text ? protection::parse_time(*text, {kTimeForm}, *zone) : std::nullopt;
  };
  product.set_engine_version(
      protection::text_or_unread(lines, "Core engine version", "engine_version", product));
  const auto made = lines.find(kMade);
  if (const auto time =
          protection::time_or_unread(time_of(made), made, kMade, "loaded_signatures", product)) {
    v1::Signatures& signatures = *product.mutable_loaded_signatures();
    *signatures.mutable_built_at() = *time;
    const std::string_view records = lines.find("Virus records").value_or("");
    uint64_t count = 0;
    std::from_chars(records.data(), records.data() + records.size(), count);
    signatures.set_count(count);
  }
  const auto update = lines.find(kUpdate);
  if (update == "unknown") {
    protection::add_complaint(product, "it knows of no update that succeeded");
  } else if (const auto time = protection::time_or_unread(time_of(update), update, kUpdate,
                                                          "last_update_succeeded_at", product)) {
    *product.mutable_last_update_succeeded_at() = *time;
  }
  if (const auto next = lines.find(kNext); time_of(next)) {
    product.set_updates_scheduled(v1::ANSWER_YES);
  } else {
    protection::add_not_understood(next, kNext, "updates_scheduled", product);
  }
}

// "License number 123456789, expires 2020-Feb-01 (20 days left)", and by a central server.
void read_licence(const protection::ProductLook& look, std::string_view text,
                  v1::ProtectionProduct& product) {
  constexpr std::string_view kExpires = "expires ";
  if (text.find("The license is granted by the protection server") != std::string_view::npos) {
    product.set_licensed(v1::ANSWER_YES);
    return;
  }
  const size_t at = text.find(kExpires);
  const std::string_view date =
      at == std::string_view::npos ? "" : text.substr(at + kExpires.size(), 11);
  const auto end = protection::parse_time(date, {"%Y-%b-%d"});
  const auto time = protection::time_or_unread(end, text.substr(0, 100), "drweb-ctl license",
                                               "licensed", product);
  if (!time) return;
  *product.mutable_licence_ends_at() = *time;
  product.set_licensed(protection::answer(*end > look.now));
}

void read_mode(const protection::ProductLook& look, v1::ProtectionProduct& product) {
  protection::set_running(look, {"drweb-configd.service"}, "drweb-configd", product);
  // SpIDer Guard is a program of its own, which looks at files while they are used.
  const protection::RunningEvidence guard = protection::is_running(look, {}, "drweb-spider");
  if (product.running() == v1::ANSWER_UNSPECIFIED ||
      (product.running() == v1::ANSWER_YES && !guard.runs)) {
    protection::add_unread_all(product, {"mode", "real_time"}, guard.reason);
    return;
  }
  if (product.running() == v1::ANSWER_NO) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("drweb-configd does not run");
    product.set_real_time(v1::ANSWER_NO);
  } else if (product.licensed() == v1::ANSWER_NO) {
    // Its manual: without one "anti-virus functions are blocked".
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("its licence has ended");
    product.set_real_time(v1::ANSWER_NO);
  } else if (product.licensed() != v1::ANSWER_YES) {
    protection::add_unread_all(product, {"mode", "real_time"},
                               "without a licence it protects nothing, and whether it has one "
                               "could not be read");
  } else if (*guard.runs) {
    product.set_mode(v1::PROTECTION_MODE_ACTIVE);
    product.set_real_time(v1::ANSWER_YES);
  } else {
    product.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
    product.set_mode_words("SpIDer Guard does not run");
    product.set_real_time(v1::ANSWER_NO);
  }
}

}  // namespace

std::optional<v1::ProtectionProduct> read_drweb(const protection::ProductLook& look) {
  if (!protection::is_there(look, "Dr.Web", {"/opt/drweb.com"})) return std::nullopt;
  v1::ProtectionProduct product;
  if (const auto text = protection::answer_text(
          look, "drweb", "drweb-ctl baseinfo",
          {"engine_version", "loaded_signatures", "last_update_succeeded_at", "updates_scheduled"},
          product)) {
    read_databases(look, StatusLines(*text), product);
  }
  if (const auto text = protection::answer_text(look, "drweb-license", "drweb-ctl license",
                                                {"licensed"}, product)) {
    read_licence(look, *text, product);
  }
  if (const auto text = protection::answer_text(look, "drweb-version", "drweb-ctl --version",
                                                {"version"}, product)) {
    // "drweb-ctl 11.1.2.1907091642"
    constexpr std::string_view kProgram = "drweb-ctl ";
    const std::string_view line = trim(*text);
    if (line.starts_with(kProgram) &&
        line.find_first_not_of("0123456789.", kProgram.size()) == std::string_view::npos) {
      product.set_version(std::string(line.substr(kProgram.size())));
    } else {
      protection::add_not_understood(line, "drweb-ctl --version", "version", product);
    }
  }
  read_mode(look, product);
  constexpr std::string_view kNotAsked = "Muster does not ask for it: see drweb-ctl {}";
  protection::add_unread(product, "exclusions", fmt::format(kNotAsked, "cfshow"));
  protection::add_unread(product, "threats_unresolved", fmt::format(kNotAsked, "threats"));
  return product;
}

}  // namespace muster::antivirus

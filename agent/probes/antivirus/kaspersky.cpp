// Kaspersky Endpoint Security for Linux, by `kesl-control --app-info`. It answers in its own
// language, whatever the locale of the command is: what is not English is not understood.
#include <charconv>

#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_complaint.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"

namespace muster::antivirus {
namespace {

using protection::StatusLines;

void read_licence(const protection::ProductLook& look, const StatusLines& lines,
                  v1::ProtectionProduct& product) {
  constexpr std::string_view kEnd = "License expiration date";
  // Of versions 10 and 11, and of 12.
  product.set_licensed(protection::meaning_of(
      lines.find_any({"Key status", "License information"}), "License information",
      {{"Valid", v1::ANSWER_YES}, {"The key is valid", v1::ANSWER_YES}}, "licensed", product));
  const auto text = lines.find(kEnd);
  // Its manual: UTC.
  const auto end =
      text ? protection::parse_time(*text, {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d"}) : std::nullopt;
  const auto time = protection::time_or_unread(end, text, kEnd, "licence_ends_at", product);
  if (!time) return;
  *product.mutable_licence_ends_at() = *time;
  if (*end <= look.now) product.set_licensed(v1::ANSWER_NO);
}

// Whether they are loaded.
v1::Answer read_databases(const StatusLines& lines, v1::ProtectionProduct& product) {
  constexpr std::string_view kLoaded = "Application databases loaded";
  constexpr std::string_view kMade = "Last release date of databases";
  const v1::Answer loaded = protection::meaning_of(
      lines.find_any({kLoaded, "Anti-virus databases loaded"}), kLoaded,
      {{"Yes", v1::ANSWER_YES}, {"No", v1::ANSWER_NO}}, "loaded_signatures", product);
  if (loaded == v1::ANSWER_NO) {
    protection::add_complaint(product, "its databases are not loaded");
    protection::add_unread(product, "loaded_signatures", "its databases are not loaded");
  }
  if (loaded != v1::ANSWER_YES) return loaded;
  const auto made = lines.find(kMade);
  if (const auto time = protection::time_or_unread(
          made ? protection::parse_time(*made, {"%Y-%m-%d %H:%M:%S"}) : std::nullopt, made, kMade,
          "loaded_signatures", product)) {
    *product.mutable_loaded_signatures()->mutable_built_at() = *time;
    const std::string_view records = lines.find("Anti-virus database records").value_or("");
    uint64_t count = 0;
    std::from_chars(records.data(), records.data() + records.size(), count);
    product.mutable_loaded_signatures()->set_count(count);
  }
  return loaded;
}

void read_last_scan(const protection::ProductLook& look, const StatusLines& lines,
                    v1::ProtectionProduct& product) {
  constexpr std::string_view kRun = "Last run date of the Scan_My_Computer task";
  const auto text = lines.find(kRun);
  if (text == "Never run") {
    product.mutable_full_scan()->set_result(v1::CHECK_RESULT_NEVER);
    return;
  }
  const auto zone = protection::local_zone(look.root);
  // How it ended is not told.
  if (const auto time = protection::time_or_unread(
          text && zone ? protection::parse_time(*text, {"%Y-%m-%d %H:%M:%S"}, *zone) : std::nullopt,
          text, kRun, "full_scan", product)) {
    *product.mutable_full_scan()->mutable_started_at() = *time;
  }
}

void read_mode(const StatusLines& lines, v1::Answer loaded, v1::ProtectionProduct& product) {
  constexpr std::string_view kWatch = "File Threat Protection";
  const auto words = lines.find_any({kWatch, "File monitoring"});
  product.set_real_time(
      protection::meaning_of(words, kWatch,
                             {{"Available and running", v1::ANSWER_YES},
                              {"Available and stopped", v1::ANSWER_NO},
                              {"Unavailable due to license limitation", v1::ANSWER_NO}},
                             "real_time", product));
  if (product.running() == v1::ANSWER_NO) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("kesl does not run");
    product.set_real_time(v1::ANSWER_NO);
  } else if (product.real_time() == v1::ANSWER_UNSPECIFIED) {
    protection::add_not_understood(words, kWatch, "mode", product);
  } else if (product.real_time() == v1::ANSWER_NO) {
    product.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
    product.set_mode_words("File Threat Protection: " + std::string(*words));
  } else if (loaded == v1::ANSWER_UNSPECIFIED) {
    protection::add_unread(product, "mode", "it is not known whether its databases are loaded");
  } else {
    const bool whole = loaded == v1::ANSWER_YES && product.licensed() != v1::ANSWER_NO;
    product.set_mode(whole ? v1::PROTECTION_MODE_ACTIVE : v1::PROTECTION_MODE_REDUCED);
    if (loaded == v1::ANSWER_NO) product.set_mode_words("its databases are not loaded");
    if (product.licensed() == v1::ANSWER_NO) product.set_mode_words("its licence has ended");
  }
}

}  // namespace

std::optional<v1::ProtectionProduct> read_kaspersky(const protection::ProductLook& look) {
  if (!protection::is_there(look, "Kaspersky Endpoint Security", {"/opt/kaspersky/kesl"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  protection::set_running(look, {"kesl.service"}, "kesl", product);
  protection::add_unread_all(product, {"exclusions", "threats_unresolved"},
                             "Muster does not ask for it: see the settings of its tasks and its "
                             "events, with kesl-control");
  const auto text = protection::answer_text(
      look, "kaspersky", "kesl-control --app-info",
      {"version", "loaded_signatures", "full_scan", "licensed", "licence_ends_at"}, product);
  if (!text) {
    if (product.running() == v1::ANSWER_NO) {
      product.set_mode(v1::PROTECTION_MODE_OFF);
      product.set_mode_words("kesl does not run");
      product.set_real_time(v1::ANSWER_NO);
    } else {
      protection::add_unread_all(product, {"mode", "real_time"},
                                 probe::complaint_about(look.answers, "kaspersky"));
    }
    return product;
  }
  const StatusLines lines(*text);
  product.set_version(protection::text_or_unread(lines, "Version", "version", product));
  read_licence(look, lines, product);
  read_last_scan(look, lines, product);
  read_mode(lines, read_databases(lines, product), product);
  protection::doubt_unless_it_runs(product);
  return product;
}

}  // namespace muster::antivirus

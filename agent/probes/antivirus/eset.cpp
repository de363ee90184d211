// ESET Endpoint Antivirus and ESET Server Security for Linux: its modules and its licence. What
// none of its commands tells is whether real-time protection is on.
#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"
#include "common/text.h"

namespace muster::antivirus {
namespace {

using protection::StatusLines;

struct Module {
  std::string_view version;
  std::optional<TimePoint> made_at;
};

// "EM002\t 31832 (20250909)\tDetection engine"
std::optional<Module> parse_module(std::string_view value) {
  const size_t open = value.find(" (");
  const size_t close = value.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  // Between dashes, since a year may have any number of digits to who parses it.
  std::string day(value.substr(open + 2, close - open - 2));
  if (day.size() == 8) day.insert(6, "-").insert(4, "-");
  return Module{.version = trim(value.substr(0, open)),
                .made_at = protection::parse_time(day, {"%Y-%m-%d"})};
}

void read_modules(const StatusLines& lines, v1::ProtectionProduct& product) {
  constexpr std::string_view kScanner = "EM001";
  constexpr std::string_view kDetection = "EM002";
  const auto scanner = lines.find(kScanner);
  if (const auto module = parse_module(scanner.value_or(""))) {
    product.set_engine_version(std::string(module->version));
  } else {
    protection::add_not_understood(scanner, kScanner, "engine_version", product);
  }
  const auto detection = lines.find(kDetection);
  const auto module = parse_module(detection.value_or(""));
  const auto time = protection::time_or_unread(module ? module->made_at : std::nullopt, detection,
                                               kDetection, "loaded_signatures", product);
  if (!time) return;
  product.mutable_loaded_signatures()->set_version(std::string(module->version));
  *product.mutable_loaded_signatures()->mutable_built_at() = *time;
}

void read_licence(const protection::ProductLook& look, const StatusLines& lines,
                  v1::ProtectionProduct& product) {
  constexpr std::string_view kStatus = "Status";
  constexpr std::string_view kEnd = "License Validity";
  product.set_licensed(protection::meaning_of(
      lines.find(kStatus), kStatus,
      {{"Activated", v1::ANSWER_YES}, {"Not activated", v1::ANSWER_NO}}, "licensed", product));
  if (product.licensed() == v1::ANSWER_NO) return;
  const auto text = lines.find(kEnd);
  const auto end = text ? protection::parse_time(*text, {"%Y-%m-%d"}) : std::nullopt;
  const auto time = protection::time_or_unread(end, text, kEnd, "licence_ends_at", product);
  if (!time) return;
  *product.mutable_licence_ends_at() = *time;
  // That day is its last.
  if (*end + std::chrono::hours(24) <= look.now) product.set_licensed(v1::ANSWER_NO);
}

}  // namespace

std::optional<v1::ProtectionProduct> read_eset(const protection::ProductLook& look) {
  if (!protection::is_there(look, "ESET", {"/opt/eset/eea", "/opt/eset/efs"})) return std::nullopt;
  v1::ProtectionProduct product;
  protection::set_running(look, {"eea.service", "efs.service"}, "startd", product);
  if (product.running() == v1::ANSWER_NO) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("startd does not run");
    product.set_real_time(v1::ANSWER_NO);
  } else {
    protection::add_unread_all(product, {"mode", "real_time"},
                               "no command of ESET's tells whether real-time protection is on: see "
                               "its web interface or ESET PROTECT");
  }
  if (const auto text =
          protection::answer_text(look, "eset-version", "upd --version", {"version"}, product)) {
    // "/opt/eset/eea/bin/upd (eea) 12.0.13.0"
    const std::string_view line = trim(*text);
    const std::string_view version = line.substr(line.rfind(' ') + 1);
    if (line.find(") ") != std::string_view::npos &&
        version.find_first_not_of("0123456789.") == std::string_view::npos) {
      product.set_version(std::string(version));
    } else {
      protection::add_not_understood(line, "upd --version", "version", product);
    }
  }
  if (const auto text = protection::answer_text(look, "eset-modules", "upd --list-modules",
                                                {"engine_version", "loaded_signatures"}, product)) {
    read_modules(StatusLines(*text), product);
  }
  if (const auto text = protection::answer_text(look, "eset-licence", "lic --status",
                                                {"licensed", "licence_ends_at"}, product)) {
    read_licence(look, StatusLines(*text), product);
  }
  protection::add_unread_all(product, {"full_scan", "threats_unresolved"},
                             "Muster does not ask for it: see ESET's lslog");
  return product;
}

}  // namespace muster::antivirus

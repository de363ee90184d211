// Bitdefender Endpoint Security Tools (GravityZone), by `bduitool get ps`.
#include <fmt/format.h>

#include <charconv>

#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"

namespace muster::antivirus {
namespace {

using protection::StatusLines;

// "2023-08-24 at 11:44:37 GMT+2": of the offset's hour a zero at its begin is missing.
std::optional<TimePoint> parse_update_time(std::string_view text) {
  constexpr std::string_view kZone = " GMT";
  const size_t zone = text.find(kZone);
  if (zone == std::string_view::npos) return std::nullopt;
  const std::string_view offset = text.substr(zone + kZone.size());
  std::string written = "+00:00";
  if (!offset.empty()) {
    if (offset.front() != '+' && offset.front() != '-') return std::nullopt;
    const size_t colon = offset.find(':');
    const std::string_view hours =
        offset.substr(1, colon == std::string_view::npos ? colon : colon - 1);
    int hour = 0;
    const auto [rest, error] = std::from_chars(hours.data(), hours.data() + hours.size(), hour);
    if (error != std::errc() || rest != hours.data() + hours.size() || hour < 0)
      return std::nullopt;
    written = fmt::format("{}{:02}{}", offset.front(), hour,
                          colon == std::string_view::npos ? ":00" : offset.substr(colon));
  }
  return protection::parse_time(fmt::format("{} {}", text.substr(0, zone), written),
                                {"%Y-%m-%d at %H:%M:%S %Ez"});
}

void read_status(const StatusLines& lines, v1::ProtectionProduct& product) {
  constexpr std::string_view kUpdate = "Last security content update";
  constexpr std::string_view kModule = "Antimalware status";
  product.set_version(protection::text_or_unread(lines, "Product version", "version", product));
  const std::string content =
      protection::text_or_unread(lines, "Engines version", "loaded_signatures", product);
  if (!content.empty()) product.mutable_loaded_signatures()->set_version(content);
  const auto update = lines.find(kUpdate);
  protection::set_time(
      product, &v1::ProtectionProduct::mutable_last_update_succeeded_at,
      protection::time_or_unread(update ? parse_update_time(*update) : std::nullopt, update,
                                 kUpdate, "last_update_succeeded_at", product));
  if (lines.find("New security content available") == "yes") {
    protection::add_complaint(product, "new security content is available and not installed");
  }
  const auto status = lines.find(kModule);
  const v1::Answer on = protection::meaning_of(
      status, kModule, {{"On", v1::ANSWER_YES}, {"Off", v1::ANSWER_NO}}, "mode", product);
  if (on == v1::ANSWER_UNSPECIFIED) return;
  product.set_mode(on == v1::ANSWER_YES ? v1::PROTECTION_MODE_ACTIVE : v1::PROTECTION_MODE_OFF);
  product.set_mode_words(fmt::format("{}: {}", kModule, *status));
  if (on == v1::ANSWER_YES) product.set_running(v1::ANSWER_YES);
}

}  // namespace

std::optional<v1::ProtectionProduct> read_bitdefender(const protection::ProductLook& look) {
  if (!protection::is_there(look, "Bitdefender", {"/opt/bitdefender-security-tools"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  const auto text = protection::answer_text(
      look, "bitdefender", "bduitool get ps",
      {"version", "mode", "loaded_signatures", "last_update_succeeded_at"}, product);
  if (text) read_status(StatusLines(*text), product);
  if (product.running() != v1::ANSWER_YES) {
    protection::add_unread(product, "running",
                           "only 'Antimalware status: On' of bduitool tells that it runs");
  }
  // Off, the module scans nothing at all.
  if (product.mode() == v1::PROTECTION_MODE_OFF) {
    product.set_real_time(v1::ANSWER_NO);
  } else {
    protection::add_unread(product, "real_time",
                           "bduitool tells of the antimalware module as a whole, and not of "
                           "scanning on access: see the policy in GravityZone");
  }
  return product;
}

}  // namespace muster::antivirus

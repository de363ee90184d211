// SentinelOne for Linux, by `sentinelctl`. Whether its policy only detects or also protects is told
// by its console alone.
#include <fmt/format.h>

#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_complaint.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"

namespace muster::antivirus {
namespace {

using protection::StatusLines;
v1::Answer is_enabled(const StatusLines& lines, std::string_view key,
                      v1::ProtectionProduct& product) {
  return protection::meaning_of(lines.find(key), key,
                                {{"Enabled", v1::ANSWER_YES}, {"Disabled", v1::ANSWER_NO}}, "mode",
                                product);
}

// Its agent is one of the processes that `control status` lists: "agent            904".
void read_agent(const StatusLines& lines, v1::ProtectionProduct& product) {
  constexpr std::string_view kProcess = "agent";
  const auto process = lines.find(kProcess);
  if (process && !process->empty() &&
      process->find_first_not_of("0123456789") == std::string_view::npos) {
    product.set_running(v1::ANSWER_YES);
  } else {
    protection::add_not_understood(process, kProcess, "running", product);
  }
}

// The engines look at files, and at what processes do.
void read_mode(const StatusLines& agent, std::optional<std::string_view> engines,
               v1::ProtectionProduct& product) {
  constexpr std::string_view kState = "Agent state";
  const v1::Answer enabled = is_enabled(agent, kState, product);
  if (enabled == v1::ANSWER_NO) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("Agent state Disabled");
    product.set_real_time(v1::ANSWER_NO);
  }
  if (enabled == v1::ANSWER_UNSPECIFIED) {
    protection::add_not_understood(agent.find(kState), kState, "real_time", product);
  }
  if (enabled != v1::ANSWER_YES || !engines) return;
  const StatusLines lines(*engines);
  std::string disabled;
  bool all_known = true;
  for (const std::string_view engine : {"DFI engine", "Dynamic engine"}) {
    const v1::Answer on = is_enabled(lines, engine, product);
    all_known = all_known && on != v1::ANSWER_UNSPECIFIED;
    if (on == v1::ANSWER_NO) {
      disabled += fmt::format("{}{} Disabled", disabled.empty() ? "" : ", ", engine);
    }
    product.set_real_time(on);
  }
  if (product.real_time() == v1::ANSWER_UNSPECIFIED) {
    protection::add_not_understood(lines.find("Dynamic engine"), "Dynamic engine", "real_time",
                                   product);
  }
  product.set_engine_version(
      protection::text_or_unread(lines, "DFI library version", "engine_version", product));
  if (!all_known) return;
  product.set_mode(disabled.empty() ? v1::PROTECTION_MODE_ACTIVE : v1::PROTECTION_MODE_REDUCED);
  product.set_mode_words(disabled);
}

void read_management(const StatusLines& lines, v1::ProtectionProduct& product) {
  constexpr std::string_view kConnected = "Connectivity";
  product.set_management_connected(protection::meaning_of(
      lines.find(kConnected), kConnected, {{"On", v1::ANSWER_YES}, {"Off", v1::ANSWER_NO}},
      "management_connected", product));
  const std::string_view server = lines.find("URL").value_or("");
  // "undefined": it has not been told.
  if (server.starts_with("https://")) product.set_management_server(std::string(server));
  if (lines.find("Anti Tamper") == "Off") {
    protection::add_complaint(product, "its protection against tampering is off");
  }
}

}  // namespace

std::optional<v1::ProtectionProduct> read_sentinelone(const protection::ProductLook& look) {
  if (!protection::is_there(look, "SentinelOne", {"/opt/sentinelone"})) return std::nullopt;
  v1::ProtectionProduct product;
  const auto engines = protection::answer_text(look, "sentinelone-engines",
                                               "sentinelctl engines status", {}, product);
  if (const auto text = protection::answer_text(look, "sentinelone", "sentinelctl control status",
                                                {"running", "mode", "real_time"}, product)) {
    const StatusLines lines(*text);
    read_agent(lines, product);
    read_mode(lines, engines, product);
    protection::doubt_unless_it_runs(product);
  }
  // Off is off, whatever the engines are.
  if (!engines && product.mode() != v1::PROTECTION_MODE_OFF) {
    protection::add_unread_all(product, {"mode", "real_time", "engine_version"},
                               probe::complaint_about(look.answers, "sentinelone-engines"));
  }
  if (const auto text = protection::answer_text(look, "sentinelone-version", "sentinelctl version",
                                                {"version"}, product)) {
    product.set_version(
        protection::text_or_unread(StatusLines(*text), "Agent version", "version", product));
  }
  if (const auto text =
          protection::answer_text(look, "sentinelone-management", "sentinelctl management status",
                                  {"management_connected"}, product)) {
    read_management(StatusLines(*text), product);
  }
  return product;
}

}  // namespace muster::antivirus

// Palo Alto Networks Cortex XDR, by `cytool`: which of its daemons run, and its content.
#include <fmt/format.h>

#include <array>
#include <map>

#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "common/text.h"

namespace muster::antivirus {
namespace {

using protection::StatusLines;

// The daemon that starts the others.
constexpr std::string_view kMain = "pmd";
// Those that decide about what happens on the host, whichever of them the version has: analysis,
// the protection of processes, local evaluation of malware. Others (cned, piud) may rest.
constexpr std::array<std::string_view, 3> kProtecting = {"dypd", "clad", "lted"};

// Name and status of each row below the header: "pmd  1092  root  Running  /opt/traps/bin/pmd".
std::map<std::string_view, std::string_view> parse_daemons(std::string_view text) {
  std::map<std::string_view, std::string_view> daemons;
  for (size_t rows = 0; !text.empty() && rows < protection::kMostStatusLines; ++rows) {
    const size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    std::array<std::string_view, 4> columns;
    size_t count = 0;
    while (count < columns.size() && !(line = trim(line)).empty()) {
      const size_t end = line.find_first_of(" \t");
      columns.at(count++) = line.substr(0, end);
      line.remove_prefix(end == std::string_view::npos ? line.size() : end);
    }
    if (count == columns.size()) daemons.try_emplace(columns[0], columns[3]);
  }
  return daemons;
}

v1::Answer runs(const std::map<std::string_view, std::string_view>& daemons, std::string_view name,
                v1::ProtectionProduct& product) {
  const auto found = daemons.find(name);
  const auto status = found == daemons.end() ? std::nullopt : std::optional(found->second);
  return protection::meaning_of(
      status, name,
      {{"Running", v1::ANSWER_YES}, {"STOPPED", v1::ANSWER_NO}, {"Stopped", v1::ANSWER_NO}}, "mode",
      product);
}

void read_daemons(std::string_view text, v1::ProtectionProduct& product) {
  const auto daemons = parse_daemons(text);
  product.set_running(runs(daemons, kMain, product));
  if (product.running() == v1::ANSWER_UNSPECIFIED) {
    protection::add_unread_all(product, {"running", "real_time"},
                               "cytool does not tell of its daemon pmd");
    return;
  }
  if (product.running() == v1::ANSWER_NO) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("pmd stopped");
    product.set_real_time(v1::ANSWER_NO);
    return;
  }
  std::string stopped;
  bool all_known = true;
  for (const std::string_view name : kProtecting) {
    const v1::Answer answer = runs(daemons, name, product);
    all_known = all_known && answer != v1::ANSWER_UNSPECIFIED;
    if (name == kProtecting.front()) product.set_real_time(answer);
    if (answer == v1::ANSWER_NO) {
      stopped += fmt::format("{}{} stopped", stopped.empty() ? "" : ", ", name);
    }
  }
  if (product.real_time() == v1::ANSWER_UNSPECIFIED) {
    protection::add_unread(product, "real_time", "cytool does not tell of its daemon dypd");
  }
  if (!all_known) return;
  product.set_mode(stopped.empty() ? v1::PROTECTION_MODE_ACTIVE : v1::PROTECTION_MODE_REDUCED);
  product.set_mode_words(stopped);
}

// "Cortex XDR (R) supervisor tool 8.2.1.120305"
std::optional<std::string_view> parse_version(std::string_view text) {
  const std::string_view line = trim(text.substr(0, text.find('\n')));
  const std::string_view version = line.substr(line.rfind(' ') + 1);
  if (!line.starts_with("Cortex XDR") || version.empty() ||
      version.find_first_not_of("0123456789.") != std::string_view::npos) {
    return std::nullopt;
  }
  return version;
}

}  // namespace

std::optional<v1::ProtectionProduct> read_cortex_xdr(const protection::ProductLook& look) {
  if (!protection::is_there(look, "Cortex XDR", {"/opt/traps/bin", "/opt/traps"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  if (const auto text = protection::answer_text(look, "cortex-xdr", "cytool runtime query",
                                                {"running", "mode", "real_time"}, product)) {
    read_daemons(*text, product);
  }
  if (const auto text = protection::answer_text(look, "cortex-xdr-version", "cytool info",
                                                {"version"}, product)) {
    if (const auto version = parse_version(*text)) {
      product.set_version(std::string(*version));
    } else {
      protection::add_not_understood(std::nullopt, "Cortex XDR ... VERSION", "version", product);
    }
  }
  if (const auto text = protection::answer_text(look, "cortex-xdr-info", "cytool info query",
                                                {"loaded_signatures"}, product)) {
    const std::string content = protection::text_or_unread(StatusLines(*text), "Content Version",
                                                           "loaded_signatures", product);
    if (!content.empty()) product.mutable_loaded_signatures()->set_version(content);
  }
  return product;
}

}  // namespace muster::antivirus

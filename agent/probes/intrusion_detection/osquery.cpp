#include "agent/probes/intrusion_detection/osquery.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "agent/probes/intrusion_detection/osquery_config.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/running_programs.h"
#include "agent/probes/root_files.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductLook;

constexpr const char* kFlags = "/etc/osquery/osquery.flags";
constexpr const char* kConfig = "/etc/osquery/osquery.conf";
constexpr size_t kMostConfigFiles = 100;

// What it is told in the file and its directory. False where a part could not be read.
bool read_config(const ProductLook& look, const std::string& path, OsquerySettings& settings,
                 v1::ProtectionProduct& product) {
  std::vector<std::string> paths = {path};
  const auto names = probe::list_in_root(look.root, path + ".d", kMostConfigFiles);
  if (names.ok()) {
    for (const std::string& name : *names) {
      if (name.ends_with(".conf")) paths.push_back(fmt::format("{}.d/{}", path, name));
    }
  } else if (!absl::IsNotFound(names.status())) {
    protection::add_unread(product, "real_time",
                           protection::reason_of(path + ".d", names.status()));
    return false;
  }
  for (const std::string& file : paths) {
    const auto text = protection::read_product_file(look, file, "real_time", product);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) return false;
    const absl::Status parsed = parse_osquery_config(*text, settings);
    if (!parsed.ok()) {
      protection::add_unread(product, "real_time", protection::reason_of(file, parsed));
      return false;
    }
    protection::add_source(product, file);
  }
  return true;
}

void tell_file_events(const OsquerySettings& settings, v1::ProtectionProduct& product) {
  const std::string why_not = why_no_file_events(settings);
  product.set_real_time(protection::answer(why_not.empty()));
  if (why_not.empty()) {
    product.set_mode(v1::PROTECTION_MODE_ACTIVE);
    return;
  }
  product.set_mode(v1::PROTECTION_MODE_REDUCED);
  product.set_mode_words("no changes of files are recorded: " + why_not);
}

}  // namespace

std::optional<v1::ProtectionProduct> read_osquery(const ProductLook& look) {
  if (!protection::is_there(look, "osquery", {"/usr/bin/osqueryd", "/opt/osquery/bin/osqueryd"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  const auto evidence = protection::is_running(look, {"osqueryd.service"}, "osqueryd");
  if (evidence.runs) {
    product.set_running(protection::answer(*evidence.runs));
  } else {
    protection::add_unread(product, "running", evidence.reason);
  }
  OsquerySettings settings;
  const auto flags = protection::read_product_file(look, kFlags, "real_time", product);
  if (flags.ok()) {
    parse_osquery_flags(*flags, settings);
    protection::add_source(product, kFlags);
  }
  bool is_known = flags.ok() || absl::IsNotFound(flags.status());
  const std::string plugin(osquery_flag(settings, "config_plugin", "filesystem"));
  if (plugin == "filesystem") {
    is_known = read_config(look, std::string(osquery_flag(settings, "config_path", kConfig)),
                           settings, product) &&
               is_known;
  } else {
    // What a server tells it lies in its own database alone.
    protection::add_unread(product, "real_time",
                           fmt::format("its configuration comes by its plugin {}, not from a file: "
                                       "what it watches is known there",
                                       plugin));
    is_known = false;
  }
  if (plugin == "tls") {
    product.set_management_server(std::string(osquery_flag(settings, "tls_hostname", "")));
    protection::add_unread(product, "management_connected",
                           "osquery tells of its server in its log alone, in free words");
  }
  if (is_known) {
    tell_file_events(settings, product);
  } else {
    protection::add_unread(product, "mode", "see real_time");
  }
  return product;
}

}  // namespace muster::intrusion_detection

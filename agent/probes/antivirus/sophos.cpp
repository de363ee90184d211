// Sophos Protection for Linux, by the files in which it tells its own manager its state: it has no
// status command.
#include <fmt/format.h>

#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"
#include "common/text.h"

namespace muster::antivirus {
namespace {

constexpr const char* kVersionFile = "/opt/sophos-spl/plugins/av/VERSION.ini";
constexpr const char* kScanStatus = "/opt/sophos-spl/base/mcs/status/SAV_status.xml";
constexpr const char* kHealthStatus = "/opt/sophos-spl/base/mcs/status/SHS_status.xml";
constexpr const char* kUpdateStatus = "/opt/sophos-spl/base/mcs/status/ALC_status.xml";
constexpr const char* kPolicy = "/opt/sophos-spl/base/mcs/policy/CORE_policy.xml";

// What stands between two texts, the first time; the text goes on behind it. These files are
// written by one program in one form: their elements are found by their exact tags.
std::optional<std::string_view> take_between(std::string_view& text, std::string_view before,
                                             std::string_view after) {
  const size_t begin = text.find(before);
  if (begin == std::string_view::npos) return std::nullopt;
  const size_t from = begin + before.size();
  const size_t end = text.find(after, from);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view between = text.substr(from, end - from);
  text.remove_prefix(end + after.size());
  return between;
}

std::optional<std::string_view> between(std::string_view text, std::string_view before,
                                        std::string_view after) {
  return take_between(text, before, after);
}

// The file; where it cannot be used each fact is unread, also where it is not there.
std::optional<std::string> read_status(const protection::ProductLook& look, const char* path,
                                       std::initializer_list<std::string_view> facts,
                                       v1::ProtectionProduct& product) {
  auto content = protection::read_product_file(look, path, *facts.begin(), product);
  if (content.ok()) {
    protection::add_source(product, path);
    return *std::move(content);
  }
  protection::add_unread_all(product, facts, protection::reason_of(path, content.status()));
  return std::nullopt;
}

// "PRODUCT_VERSION = 1.1.3.70"
void read_version(const protection::ProductLook& look, v1::ProtectionProduct& product) {
  const auto content = read_status(look, kVersionFile, {"version"}, product);
  if (!content) return;
  const auto version = between(*content, "PRODUCT_VERSION = ", "\n");
  if (version) {
    product.set_version(std::string(trim(*version)));
  } else {
    protection::add_not_understood(version, "PRODUCT_VERSION", "version", product);
  }
}

// "<item name="threat" value="1" />". By its source it is good, which is 1, while its database of
// threats that nobody has dealt with is empty; how many there are it does not tell.
void read_threats(std::optional<std::string_view> threat, v1::ProtectionProduct& product) {
  if (threat == "1") {
    product.set_threats_unresolved(0);
  } else if (threat) {
    const std::string words = fmt::format("threat health {}", protection::product_text(*threat));
    protection::add_complaint(product, words);
    protection::add_unread(product, "threats_unresolved",
                           words + " is not good: Sophos Central tells which threats wait");
  } else {
    protection::add_not_understood(threat, "threat", "threats_unresolved", product);
  }
}

// "<item name="service" value="1" >": 1 is good; others are told as they are. Of a product that
// runs: the files stay as they were when it last ran.
void read_mode(const protection::ProductLook& look, v1::ProtectionProduct& product) {
  constexpr std::string_view kOnAccess = "on-access";
  constexpr std::string_view kService = "service";
  const auto scanning = read_status(look, kScanStatus, {"real_time", "mode"}, product);
  const auto health = read_status(look, kHealthStatus, {"mode", "threats_unresolved"}, product);
  if (scanning) {
    product.set_real_time(protection::meaning_of(
        between(*scanning, "<on-access>", "</on-access>"), kOnAccess,
        {{"true", v1::ANSWER_YES}, {"false", v1::ANSWER_NO}}, "real_time", product));
  }
  const auto service =
      health ? between(*health, "<item name=\"service\" value=\"", "\"") : std::nullopt;
  if (health) {
    read_threats(between(*health, "<item name=\"threat\" value=\"", "\""), product);
  }
  if (product.real_time() == v1::ANSWER_NO) {
    product.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
    product.set_mode_words("on-access scanning is off");
  } else if (product.real_time() != v1::ANSWER_YES) {
    protection::add_unread(product, "mode", "whether it scans on access is not understood");
  } else if (!service) {
    protection::add_not_understood(service, kService, "mode", product);
  } else if (*service == "1") {
    product.set_mode(v1::PROTECTION_MODE_ACTIVE);
  } else {
    product.set_mode(v1::PROTECTION_MODE_REDUCED);
    product.set_mode_words(fmt::format("service health {}", protection::product_text(*service)));
  }
}

// "<installState><state>good</state><lastGood>2026-11-22T10:14:31.000Z</lastGood></installState>"
void read_update(const protection::ProductLook& look, v1::ProtectionProduct& product) {
  const auto content = read_status(look, kUpdateStatus, {"last_update_succeeded_at"}, product);
  if (!content) return;
  const std::string_view state =
      between(*content, "<installState>", "</installState>").value_or("");
  const auto word = between(state, "<state>", "</state>");
  if (word == "bad") {
    product.set_update_error(
        fmt::format("failed since {}",
                    protection::product_text(between(state, "<failedSince>", "</failedSince>")
                                                 .value_or("a time that it does not tell"))));
    protection::add_unread(product, "last_update_succeeded_at",
                           "Sophos tells only since when updates fail");
    return;
  }
  const auto good = between(state, "<lastGood>", "</lastGood>");
  protection::set_time(
      product, &v1::ProtectionProduct::mutable_last_update_succeeded_at,
      protection::time_or_unread(good ? protection::parse_iso_time(*good) : std::nullopt, good,
                                 "lastGood", "last_update_succeeded_at", product));
}

void read_exclusions(const protection::ProductLook& look, v1::ProtectionProduct& product) {
  const auto content = read_status(look, kPolicy, {"exclusions"}, product);
  if (!content) return;
  const auto scan = between(*content, "<onAccessScan>", "</onAccessScan>");
  if (!scan) {
    protection::add_not_understood(scan, "onAccessScan", "exclusions", product);
    return;
  }
  std::string_view rest = *scan;
  while (const auto path = take_between(rest, "<filePath>", "</filePath>")) {
    protection::add_exclusion(product, "path", *path);
  }
  rest = *scan;
  while (const auto path = take_between(rest, "<processPath>", "</processPath>")) {
    protection::add_exclusion(product, "process", *path);
  }
  protection::say_exclusions_were_read(product);
}

}  // namespace

std::optional<v1::ProtectionProduct> read_sophos(const protection::ProductLook& look) {
  if (!protection::is_there(look, "Sophos", {"/opt/sophos-spl/plugins/av"})) return std::nullopt;
  v1::ProtectionProduct product;
  read_version(look, product);
  read_update(look, product);
  read_exclusions(look, product);
  protection::set_running(look, {"sophos-spl.service"}, "sophos_watchdog", product);
  if (product.running() == v1::ANSWER_YES) {
    read_mode(look, product);
    return product;
  }
  protection::add_unread(product, "threats_unresolved",
                         "its files are from when it last ran, or may be: see Sophos Central");
  if (product.running() == v1::ANSWER_NO) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("sophos_watchdog does not run");
    product.set_real_time(v1::ANSWER_NO);
  } else {
    protection::add_unread_all(product, {"mode", "real_time"},
                               "its files may be from when it last ran: whether it runs is not "
                               "known");
  }
  return product;
}

}  // namespace muster::antivirus

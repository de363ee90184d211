#include "agent/probes/intrusion_detection/tripwire.h"

#include <fmt/format.h>

#include <string>

#include "agent/probes/intrusion_detection/check_schedule.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/root_files.h"
#include "common/timestamp.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductLook;
using namespace std::string_view_literals;

// DBFILE and REPORTFILE of twcfg.txt as Tripwire and all distributions have them; the settings
// themselves are signed and compressed.
constexpr const char* kDatabases = "/var/lib/tripwire";
constexpr const char* kReports = "/var/lib/tripwire/report";
// One a day for ten years.
constexpr size_t kMostReports = 4000;
constexpr size_t kLargestReport = 64 << 20;

// tripwire(8).
CheckCommand own_check() {
  return {.programs = {"tripwire"},
          .other_uses = {"--init", "-m i", "--update", "-m u", "--update-policy", "-m p", "--test",
                         "-m t", "--version", "--help", "-?"}};
}

struct NewestFile {
  std::string path;
  TimePoint written;
};

// Of the directory's files with that ending; unset where there is none. Where they cannot all be
// looked at, `fact` is unread.
std::optional<NewestFile> newest(const ProductLook& look, const std::string& directory,
                                 std::string_view ending, std::string_view fact,
                                 v1::ProtectionProduct& product) {
  const auto names = probe::list_in_root(look.root, directory, kMostReports);
  if (!names.ok()) {
    if (!absl::IsNotFound(names.status())) {
      protection::add_unread(product, fact, protection::reason_of(directory, names.status()));
    }
    return std::nullopt;
  }
  std::optional<NewestFile> newest;
  for (const std::string& name : *names) {
    if (!name.ends_with(ending)) continue;
    std::string path = fmt::format("{}/{}", directory, name);
    const auto written = protection::written_at(look, path, fact, product);
    if (!written.ok() || (newest && *written <= newest->written)) continue;
    newest = NewestFile{std::move(path), *written};
  }
  return newest;
}

void read_database(const ProductLook& look, v1::ProtectionProduct& product) {
  const auto database = newest(look, kDatabases, ".twd", "baseline_at", product);
  if (database) {
    protection::set_time(product, &v1::ProtectionProduct::mutable_baseline_at,
                         protection::whole_seconds(database->written));
    protection::add_source(product, database->path);
    return;
  }
  if (protection::is_unread(product, "baseline_at")) return;
  protection::add_unread(
      product, "baseline_at",
      fmt::format("{}: there is no database; make it with tripwire --init", kDatabases));
  product.set_mode(v1::PROTECTION_MODE_OFF);
  product.set_mode_words("no database to compare with");
}

void read_report(const ProductLook& look, v1::ProtectionProduct& product) {
  const auto report = newest(look, kReports, ".twr", "last_check", product);
  if (protection::is_unread(product, "last_check")) return;
  if (!report) {
    return protection::add_unread(
        product, "last_check",
        fmt::format("{}: there is no report: it has not run yet, or they were removed", kReports));
  }
  protection::add_source(product, report->path);
  const auto bytes = probe::read_in_root(look.root, report->path, kLargestReport);
  if (!bytes.ok()) {
    return protection::add_unread(product, "last_check",
                                  protection::reason_of(report->path, bytes.status()));
  }
  if (!is_tripwire_report(*bytes)) {
    return protection::add_unread(product, "last_check",
                                  report->path + ": it is no report of Tripwire's, or not whole");
  }
  v1::LastCheck& check = *product.mutable_last_check();
  check.set_result(v1::CHECK_RESULT_ENDED);
  check.set_detail(fmt::format("only Tripwire can read it: twprint -m r -r {}", report->path));
  protection::set_time(check, &v1::LastCheck::mutable_ended_at,
                       protection::whole_seconds(report->written));
}

}  // namespace

bool is_tripwire_report(std::string_view bytes) {
  // Tripwire's src/core/fileheader.cpp: a magic number, a version, and a name with its length.
  return bytes.size() > 32 && bytes.starts_with(
                                  "\x78\xf9\xbe\xb3\x00\x00\x00\x01\x00\x0a"
                                  "cFCOReport"sv);
}

std::optional<v1::ProtectionProduct> read_tripwire(const ProductLook& look) {
  if (!protection::is_there(look, "Tripwire", {"/usr/sbin/tripwire", "/usr/local/sbin/tripwire"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  product.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
  read_database(look, product);
  read_report(look, product);
  tell_check_schedule(look, own_check(), product);
  return product;
}

}  // namespace muster::intrusion_detection

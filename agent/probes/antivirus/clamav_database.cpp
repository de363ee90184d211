#include "agent/probes/antivirus/clamav_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/text_lines.h"
#include "agent/probes/root_files.h"
#include "common/timestamp.h"

namespace muster::antivirus {
namespace {

using protection::take_until;

constexpr std::string_view kMagic = "ClamAV-VDB";
// With a header; else signatures of an administrator or of a third party.
constexpr auto kHeaderEndings = std::to_array<std::string_view>({".cvd", ".cld", ".cud"});
constexpr auto kLocalEndings = std::to_array<std::string_view>(
    {".hdb", ".hdu", ".hsb", ".hsu", ".mdb", ".mdu", ".msb", ".msu", ".ndb", ".ndu", ".ldb",
     ".ldu", ".db",  ".sdb", ".idb", ".cdb", ".cbc", ".pdb", ".gdb", ".imp", ".yar", ".yara"});
constexpr size_t kLargestExclusions = 1 << 20;

template <typename Endings>
bool ends_with_any(std::string_view name, const Endings& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [name](std::string_view ending) { return name.ends_with(ending); });
}

std::string stem_of(std::string_view name) {
  return std::string(name.substr(0, name.find('.')));
}

// Signatures, and hashes of files, that are not to be found.
void add_taken_back(const protection::ProductLook& look, const std::string& path,
                    v1::ProtectionProduct& product) {
  const auto text =
      protection::read_product_file(look, path, "exclusions", product, kLargestExclusions);
  if (!text.ok()) return;
  const bool is_threat = path.ends_with(".ign") || path.ends_with(".ign2");
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::string_view line = protection::take_line(rest);
    if (line.empty() || line.front() == '#') continue;
    protection::add_exclusion(product, is_threat ? "threat" : "file", line);
  }
}

struct Found {
  std::optional<CvdHeader> daily;
  std::optional<TimePoint> daily_written_at;
  uint64_t signatures = 0;
  std::optional<TimePoint> written_at;
  bool has_any = false;
};

void add_file(const protection::ProductLook& look, const std::string& path, std::string_view name,
              v1::ProtectionProduct& product, Found& found) {
  const auto status = probe::status_in_root(look.root, path);
  // What freshclam replaces just now is there again in a moment.
  if (!status.ok() || status->kind != probe::FileKind::kRegular) return;
  found.has_any = true;
  if (status->has_modified_at) {
    const TimePoint written = from_proto(status->modified_at);
    if (!found.written_at || written > *found.written_at) found.written_at = written;
  }
  if (!ends_with_any(name, kHeaderEndings)) return;
  const auto bytes = protection::read_begin_in_root(look.root, path, kCvdHeaderSize);
  if (!bytes.ok()) {
    protection::add_unread(product, "disk_signatures", protection::reason_of(path, bytes.status()));
    return;
  }
  absl::StatusOr<CvdHeader> header = parse_cvd_header(*bytes);
  if (!header.ok()) {
    protection::add_complaint(product, protection::reason_of(path, header.status()));
    return;
  }
  found.signatures += header->signatures;
  if (stem_of(name) != "daily") return;
  if (found.daily && found.daily->version >= header->version) return;
  found.daily = *std::move(header);
  if (status->has_modified_at) found.daily_written_at = from_proto(status->modified_at);
}

}  // namespace

absl::StatusOr<CvdHeader> parse_cvd_header(std::string_view bytes) {
  if (bytes.size() < kCvdHeaderSize) {
    return absl::InvalidArgumentError("its header is not whole: run freshclam");
  }
  std::string_view rest = bytes.substr(0, kCvdHeaderSize);
  if (take_until(rest, ':') != kMagic) {
    return absl::InvalidArgumentError("it is no database of ClamAV: run freshclam");
  }
  const std::string_view built = take_until(rest, ':');
  CvdHeader header;
  const std::string_view version = take_until(rest, ':');
  const std::string_view signatures = take_until(rest, ':');
  const std::string_view level = take_until(rest, ':');
  if (!protection::parse_number(version, header.version) ||
      !protection::parse_number(signatures, header.signatures) ||
      !protection::parse_number(level, header.level)) {
    return absl::InvalidArgumentError("its header has no numbers where they belong");
  }
  take_until(rest, ':');  // MD5
  take_until(rest, ':');  // the signature under it
  header.builder = protection::product_text(take_until(rest, ':'));
  // To the second; files from before 2004 have the minutes only.
  std::optional<TimePoint> time = protection::parse_unix_time(rest);
  if (!time) time = protection::parse_time(built, {"%d %b %Y %H-%M %z", "%d %b %Y %H:%M %z"});
  if (!time) return absl::InvalidArgumentError("its header does not say when it was made");
  header.built_at = *time;
  return header;
}

void add_disk_signatures(const protection::ProductLook& look, const std::string& directory,
                         v1::ProtectionProduct& product) {
  const auto names = probe::list_in_root(look.root, directory, kMostDatabaseFiles);
  if (!names.ok() && !absl::IsNotFound(names.status())) {
    protection::add_unread(product, "disk_signatures",
                           protection::reason_of(directory, names.status()));
    return;
  }
  Found found;
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    const std::string path = directory + "/" + name;
    if (ends_with_any(name, kHeaderEndings) || ends_with_any(name, kLocalEndings)) {
      add_file(look, path, name, product, found);
    } else if (ends_with_any(name,
                             std::to_array<std::string_view>({".ign", ".ign2", ".fp", ".sfp"}))) {
      add_taken_back(look, path, product);
    }
  }
  if (!found.has_any) {
    protection::add_complaint(
        product, fmt::format("there are no signatures in {}: run freshclam", directory));
  }
  protection::add_source(product, directory);
  v1::Signatures& signatures = *product.mutable_disk_signatures();
  signatures.set_count(found.signatures);
  protection::set_time(
      signatures, &v1::Signatures::mutable_written_at,
      protection::whole_seconds(found.daily ? found.daily_written_at : found.written_at));
  if (!found.daily) return;
  signatures.set_version(fmt::to_string(found.daily->version));
  protection::set_time(signatures, &v1::Signatures::mutable_built_at,
                       protection::whole_seconds(found.daily->built_at));
}

}  // namespace muster::antivirus

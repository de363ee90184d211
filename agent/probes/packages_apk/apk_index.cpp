#include "agent/probes/packages_apk/apk_index.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <memory>

#include "agent/probes/packages_apk/apk_database.h"
#include "common/text.h"

namespace muster::packages_apk {
namespace {

// A signature, a description, the packages; apk itself passes over what else there is.
constexpr size_t kMostEntries = 100;
// With the headers, and what else there is.
constexpr size_t kLargestUnpacked = kLargestIndexText + (1 << 20);
constexpr size_t kLongestDescription = 256;
constexpr size_t kLongestKey = 256;
constexpr std::string_view kSignature = ".SIGN.";

struct FreeArchive {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using ArchivePtr = std::unique_ptr<archive, FreeArchive>;

absl::Status archive_error(archive* reader, std::string_view doing) {
  const char* reason = archive_error_string(reader);
  return absl::InvalidArgumentError(
      fmt::format("{}: {}", doing, printable(reason != nullptr ? reason : "it is damaged", 200)));
}

// A gzip stream as it is unpacked, for the reader of the tar in it: what passes is counted, whether
// it is kept or passed over, and however an entry states its size.
struct Unpacking {
  ArchivePtr gzip = ArchivePtr(archive_read_new());
  size_t bytes = 0;
};

la_ssize_t unpack_block(archive* tar, void* data, const void** block) {
  auto& unpacking = *static_cast<Unpacking*>(data);
  size_t size = 0;
  la_int64_t offset = 0;
  const int result = archive_read_data_block(unpacking.gzip.get(), block, &size, &offset);
  if (result == ARCHIVE_EOF) return 0;
  if (result != ARCHIVE_OK) {
    const char* reason = archive_error_string(unpacking.gzip.get());
    archive_set_error(tar, EINVAL, "%s", reason != nullptr ? reason : "it is damaged");
    return -1;
  }
  unpacking.bytes += size;
  // The tar's reader puts a reason of its own in place of one given here: read_index tells.
  return unpacking.bytes > kLargestUnpacked ? -1 : static_cast<la_ssize_t>(size);
}

// The content of the entry that the reader is at.
absl::StatusOr<std::string> read_entry(archive* reader, size_t limit) {
  std::string content;
  std::array<char, 1 << 16> block{};
  while (true) {
    const la_ssize_t size = archive_read_data(reader, block.data(), block.size());
    if (size < 0) return archive_error(reader, "unpacking it");
    if (size == 0) return content;
    if (content.size() + static_cast<size_t>(size) > limit) {
      return absl::OutOfRangeError(fmt::format("unpacked it is larger than {} bytes", limit));
    }
    content.append(block.data(), static_cast<size_t>(size));
  }
}

// ".SIGN.RSA.name": what comes after the algorithm.
std::string key_of(std::string_view name) {
  name.remove_prefix(kSignature.size());
  const size_t dot = name.find('.');
  return printable(dot == std::string_view::npos ? name : name.substr(dot + 1), kLongestKey);
}

absl::StatusOr<ApkIndex> read_tar(archive* reader) {
  ApkIndex index;
  archive_entry* entry = nullptr;
  bool has_packages = false;
  for (size_t entries = 0;; ++entries) {
    const int result = archive_read_next_header(reader, &entry);
    if (result == ARCHIVE_EOF) break;
    if (result != ARCHIVE_OK) return archive_error(reader, "reading its entries");
    if (entries == kMostEntries) {
      return absl::OutOfRangeError(fmt::format("it has more than {} entries", kMostEntries));
    }
    const char* path = archive_entry_pathname(entry);
    const std::string_view name = path != nullptr ? path : "";
    if (name == "APKINDEX" || name == "DESCRIPTION") {
      absl::StatusOr<std::string> text = read_entry(reader, kLargestIndexText);
      if (!text.ok()) return text.status();
      if (name == "APKINDEX") {
        index.packages = *std::move(text);
        has_packages = true;
      } else {
        index.description = printable(trim(*text), kLongestDescription);
      }
    } else if (name.starts_with(kSignature) && index.key.empty()) {
      index.key = key_of(name);
    }
  }
  if (!has_packages) return absl::InvalidArgumentError("it has no file APKINDEX");
  return index;
}

}  // namespace

absl::StatusOr<ApkIndex> read_index(std::string_view content) {
  if (is_adb(content)) {
    return absl::InvalidArgumentError("it is in apk v3's format, which is not supported");
  }
  Unpacking unpacking;
  archive* gzip = unpacking.gzip.get();
  archive_read_support_filter_gzip(gzip);
  archive_read_support_format_raw(gzip);
  archive_entry* entry = nullptr;
  if (archive_read_open_memory(gzip, content.data(), content.size()) != ARCHIVE_OK ||
      archive_read_next_header(gzip, &entry) != ARCHIVE_OK) {
    return archive_error(gzip, "it is no archive");
  }
  const ArchivePtr reader(archive_read_new());
  archive_read_support_format_tar(reader.get());
  if (archive_read_open(reader.get(), &unpacking, nullptr, &unpack_block, nullptr) != ARCHIVE_OK) {
    return archive_error(reader.get(), "it is no archive");
  }
  absl::StatusOr<ApkIndex> index = read_tar(reader.get());
  if (unpacking.bytes > kLargestUnpacked) {
    return absl::OutOfRangeError(
        fmt::format("unpacked it is larger than {} bytes", kLargestUnpacked));
  }
  return index;
}

}  // namespace muster::packages_apk

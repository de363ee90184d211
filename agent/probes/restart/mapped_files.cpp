#include "agent/probes/restart/mapped_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "agent/sandbox/process_table.h"
#include "common/text.h"

namespace muster::restart {
namespace {

constexpr std::string_view kMark = " (deleted)";

constexpr std::array<std::string_view, 12> kNoPrograms{
    "/memfd:", "/SYSV",     "/[aio]", "/drm",  "/i915",     "/anon_hugepage",
    "/dev/",   "/var/tmp/", "/tmp/",  "/run/", "/var/run/", "/proc/"};

// Takes the next word off the line.
std::string_view take_word(std::string_view& line) {
  const size_t begin = std::min(line.find_first_not_of(' '), line.size());
  const size_t end = std::min(line.find(' ', begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

template <typename Number>
bool parse_number(std::string_view text, int base, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

// The kernel writes a newline in a name as "\012", and nothing else so.
std::string unescape(std::string_view text) {
  constexpr std::string_view kNewline = "\\012";
  std::string name;
  for (size_t at = 0; (at = text.find(kNewline)) != std::string_view::npos;) {
    name.append(text.substr(0, at)).push_back('\n');
    text.remove_prefix(at + kNewline.size());
  }
  return name.append(text);
}

bool is_all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "libssl.so.3;5f3e11aa": what rpm calls a file until its transaction ends.
std::string_view without_rpm_suffix(std::string_view path) {
  constexpr size_t kSuffix = 9;
  if (path.size() < kSuffix || path[path.size() - kSuffix] != ';') return path;
  const std::string_view digits = path.substr(path.size() - kSuffix + 1);
  return digits.find_first_not_of("0123456789abcdef") == std::string_view::npos
             ? path.substr(0, path.size() - kSuffix)
             : path;
}

std::string_view without_mark(std::string_view path, bool& is_deleted) {
  is_deleted = path.ends_with(kMark);
  return is_deleted ? without_rpm_suffix(path.substr(0, path.size() - kMark.size())) : path;
}

}  // namespace

std::optional<MappedFile> parse_mapping(std::string_view line) {
  MappedFile file;
  const std::string_view rights = take_word(line);
  take_word(line);
  const std::string_view device = take_word(line);
  const std::string_view inode = take_word(line);
  const size_t colon = device.find(':');
  const size_t slash = line.find('/');
  if (rights.size() < 3 || rights[2] != 'x' || colon == std::string_view::npos ||
      slash == std::string_view::npos || !trim(line.substr(0, slash)).empty() ||
      !parse_number(device.substr(0, colon), 16, file.device_major) ||
      !parse_number(device.substr(colon + 1), 16, file.device_minor) ||
      !parse_number(inode, 10, file.inode)) {
    return std::nullopt;
  }
  file.path = unescape(without_mark(line.substr(slash), file.is_deleted));
  return file;
}

std::optional<RecordedFile> take_file_record(std::string_view& files) {
  agent::FileRecord record;
  if (files.size() < sizeof record) return std::nullopt;
  std::memcpy(&record, files.data(), sizeof record);
  std::string_view path = files.substr(sizeof record);
  if (path.size() < record.path_size) return std::nullopt;
  path = path.substr(0, record.path_size);
  files.remove_prefix(sizeof record + path.size());
  if (path.ends_with('\0')) path.remove_suffix(1);
  return RecordedFile{record.inode, record.device_major, record.device_minor, path};
}

std::optional<MappedFile> mapped_file(const RecordedFile& file) {
  if (!file.path.starts_with('/')) return std::nullopt;
  MappedFile mapped;
  mapped.device_major = file.device_major;
  mapped.device_minor = file.device_minor;
  mapped.inode = file.inode;
  mapped.path = without_mark(file.path, mapped.is_deleted);
  return mapped;
}

bool is_no_program(const MappedFile& file) {
  const std::string_view path = file.path;
  const auto begins = [path](std::string_view prefix) { return path.starts_with(prefix); };
  if (std::any_of(kNoPrograms.begin(), kNoPrograms.end(), begins)) return true;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  // libffi's have six letters of chance; a file that never had a name (O_TMPFILE) is called by its
  // number.
  constexpr size_t kFfi = 9;
  return name.starts_with("orcexec.") || (name.starts_with("ffi") && name.size() == kFfi) ||
         (name.starts_with("jna") && name.ends_with(".tmp")) ||
         (name.starts_with('#') && is_all_digits(name.substr(1)));
}

}  // namespace muster::restart

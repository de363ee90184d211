#include "agent/probes/certificates/access_list.h"

#include <fmt/format.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kMostLines = 65536;
constexpr size_t kNameLimit = 64;

// An entry of the attribute, whose numbers are little-endian whatever the machine.
struct Entry {
  uint16_t tag;
  uint16_t rights;
  uint32_t id;
};

uint32_t little_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i)
    value = (value << 8) | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

std::optional<uint32_t> number_of(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

absl::StatusOr<std::vector<Entry>> entries_of(std::string_view attribute) {
  constexpr size_t kHeader = 4;
  constexpr size_t kEntry = 8;
  if (attribute.size() < kHeader || (attribute.size() - kHeader) % kEntry != 0 ||
      little_endian(attribute.substr(0, kHeader)) != POSIX_ACL_XATTR_VERSION) {
    return absl::InvalidArgumentError("its access control list is of an unknown form");
  }
  std::vector<Entry> entries;
  for (attribute.remove_prefix(kHeader); !attribute.empty(); attribute.remove_prefix(kEntry)) {
    entries.push_back({static_cast<uint16_t>(little_endian(attribute.substr(0, 2))),
                       static_cast<uint16_t>(little_endian(attribute.substr(2, 2))),
                       little_endian(attribute.substr(4, 4))});
  }
  return entries;
}

// What the named ones have at most.
uint16_t mask_of(const std::vector<Entry>& entries) {
  const auto mask = std::find_if(entries.begin(), entries.end(),
                                 [](const Entry& entry) { return entry.tag == ACL_MASK; });
  return mask == entries.end() ? ACL_READ | ACL_WRITE : mask->rights;
}

// The first of them, and how many more.
class NameList {
 public:
  void add(const std::string& name) {
    if (names_.size() < kMostReaders) {
      names_.push_back(name);
    } else {
      ++more_;
    }
  }
  std::vector<std::string> finish() {
    if (more_ > 0) names_.push_back(fmt::format("and {} more", more_));
    return std::move(names_);
  }

 private:
  std::vector<std::string> names_;
  size_t more_ = 0;
};

}  // namespace

IdNames read_id_names(std::string_view text) {
  IdNames names;
  for (size_t line_number = 0; !text.empty() && line_number < kMostLines; ++line_number) {
    const size_t newline = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(std::min(newline + 1, text.size()));
    const size_t first = line.find(':');
    const size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const size_t third = std::min(line.find(':', second + 1), line.size());
    const std::optional<uint32_t> id = number_of(line.substr(second + 1, third - second - 1));
    if (id.has_value() && first > 0)
      names.emplace(*id, printable(line.substr(0, first), kNameLimit));
  }
  return names;
}

std::string id_text(const IdNames& names, uint32_t id) {
  const auto found = names.find(id);
  return found == names.end() ? std::to_string(id) : found->second;
}

absl::StatusOr<AccessList> parse_access_list(std::string_view attribute, const IdNames& users,
                                             const IdNames& groups) {
  const absl::StatusOr<std::vector<Entry>> entries = entries_of(attribute);
  if (!entries.ok()) return entries.status();
  const uint16_t mask = mask_of(*entries);
  NameList readers;
  NameList writers;
  for (const Entry& entry : *entries) {
    if (entry.tag != ACL_USER && entry.tag != ACL_GROUP) continue;
    const std::string who = entry.tag == ACL_USER ? "user:" + id_text(users, entry.id)
                                                  : "group:" + id_text(groups, entry.id);
    if ((entry.rights & mask & ACL_READ) != 0) readers.add(who);
    if ((entry.rights & mask & ACL_WRITE) != 0) writers.add(who);
  }
  return AccessList{.readers = readers.finish(), .writers = writers.finish()};
}

}  // namespace muster

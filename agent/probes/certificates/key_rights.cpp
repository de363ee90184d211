#include "agent/probes/certificates/key_rights.h"

#include <fmt/format.h>
#include <linux/limits.h>
#include <sys/xattr.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "agent/probes/certificates/problem_list.h"

namespace muster {
namespace {

constexpr size_t kNamesLimit = 1 << 20;

IdNames names_of(const std::string& root, const std::string& file) {
  const absl::StatusOr<std::string> text = probe::read_in_root(root, file, kNamesLimit);
  return text.ok() ? read_id_names(*text) : IdNames();
}

// Empty where there is no list.
absl::StatusOr<std::string> access_list_of(const std::string& real) {
  std::string value(XATTR_SIZE_MAX, '\0');
  const ssize_t size =
      ::getxattr(real.c_str(), "system.posix_acl_access", value.data(), value.size());
  if (size >= 0) return value.substr(0, static_cast<size_t>(size));
  if (errno == ENODATA || errno == EOPNOTSUPP) return std::string();
  return absl::UnavailableError(fmt::format("its access control list cannot be read: {}",
                                            std::generic_category().message(errno)));
}

}  // namespace

KeyRights::KeyRights(std::string root)
    : root_(std::move(root)),
      users_(names_of(root_, "/etc/passwd")),
      groups_(names_of(root_, "/etc/group")) {}

absl::StatusOr<std::vector<std::string>> KeyRights::readers_of(const std::string& path) const {
  const absl::StatusOr<std::string> attribute = access_list_of(probe::openable_path(root_, path));
  if (!attribute.ok()) return attribute.status();
  if (attribute->empty()) return std::vector<std::string>();
  return readers_of_access_list(*attribute, users_, groups_);
}

void KeyRights::describe(const std::string& path, const probe::FileStatus& status,
                         v1::KeyFile& key) const {
  key.set_owner(id_text(users_, status.owner));
  key.set_group(id_text(groups_, status.group));
  key.set_mode(status.mode);
  const absl::StatusOr<std::vector<std::string>> readers = readers_of(path);
  if (!readers.ok()) {
    if (key.error().empty()) key.set_error(reason_text(readers.status()));
    return;
  }
  key.mutable_readers_by_acl()->Assign(readers->begin(), readers->end());
}

}  // namespace muster

#include "agent/probes/certificates/key_rights.h"

#include <fmt/format.h>
#include <linux/limits.h>
#include <sys/xattr.h>

#include <array>
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

// NFS's own (nfs4_acl(5)), and that of a ZFS which serves it. They stand beside the mode, or above
// it, and who a name in them is only its server knows.
constexpr std::array kNfsLists = {"system.nfs4_acl", "system.nfs4_acl_xdr"};

absl::Status unread(const absl::Status& why) {
  return absl::UnavailableError(
      fmt::format("its access control list cannot be read: {}", reason_text(why)));
}

}  // namespace

absl::StatusOr<std::string> read_attribute(const std::string& real, const char* name) {
  std::string value(XATTR_SIZE_MAX, '\0');
  const ssize_t size = ::getxattr(real.c_str(), name, value.data(), value.size());
  if (size >= 0) return value.substr(0, static_cast<size_t>(size));
  const std::string why = std::generic_category().message(errno);
  if (errno == ENODATA || errno == EOPNOTSUPP) return absl::NotFoundError(why);
  return absl::UnavailableError(why);
}

KeyRights::KeyRights(std::string root, AttributeReader attributes)
    : root_(std::move(root)),
      attributes_(std::move(attributes)),
      users_(names_of(root_, "/etc/passwd")),
      groups_(names_of(root_, "/etc/group")) {}

absl::StatusOr<AccessList> KeyRights::access_list_of(const std::string& real) const {
  for (const char* const name : kNfsLists) {
    const absl::StatusOr<std::string> list = attributes_(real, name);
    if (list.ok()) {
      return absl::UnimplementedError(
          "it has an NFSv4 access control list, which is not read: nfs4_getfacl shows it");
    }
    if (!absl::IsNotFound(list.status())) return unread(list.status());
  }
  const absl::StatusOr<std::string> list = attributes_(real, "system.posix_acl_access");
  if (absl::IsNotFound(list.status())) return AccessList();
  if (!list.ok()) return unread(list.status());
  return parse_access_list(*list, users_, groups_);
}

void KeyRights::describe(const std::string& path, const probe::FileStatus& status,
                         v1::KeyFile& key) const {
  key.set_owner(id_text(users_, status.owner));
  key.set_group(id_text(groups_, status.group));
  key.set_mode(status.mode);
  const absl::StatusOr<AccessList> list = access_list_of(probe::openable_path(root_, path));
  if (!list.ok()) {
    key.set_access_list_error(reason_text(list.status()));
    return;
  }
  key.mutable_readers_by_acl()->Assign(list->readers.begin(), list->readers.end());
  key.mutable_writers_by_acl()->Assign(list->writers.begin(), list->writers.end());
}

}  // namespace muster

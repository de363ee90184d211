// Who may read or write a file: the names of its owner and group, and what its access control list
// adds. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

// Numbers to names, of a text like /etc/passwd or /etc/group: "name:password:number:…". The first
// of several names of a number counts; at most 65,536 lines, names of at most 64 bytes.
using IdNames = std::map<uint32_t, std::string>;
IdNames read_id_names(std::string_view text);

// The name, or the number as text.
std::string id_text(const IdNames& names, uint32_t id);

inline constexpr size_t kMostReaders = 64;

// Whom an access control list gives rights, beside owner, group and others: "user:backup",
// "group:ops", in its order; of each kind beyond kMostReaders "and 3 more" as the last.
struct AccessList {
  std::vector<std::string> readers;
  std::vector<std::string> writers;
};

// Of the value of the extended attribute system.posix_acl_access. InvalidArgument if it is not what
// acl(5) and linux/posix_acl_xattr.h say.
absl::StatusOr<AccessList> parse_access_list(std::string_view attribute, const IdNames& users,
                                             const IdNames& groups);

}  // namespace muster

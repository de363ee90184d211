// Who may read or replace a key file, as the file system says it. Calls block; one thread.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <string>

#include "agent/probes/certificates/access_list.h"
#include "agent/probes/root_files.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster {

// The value of an extended attribute of the file that a path leads to; NotFound where the file has
// none of that name, or its file system knows none.
using AttributeReader =
    std::function<absl::StatusOr<std::string>(const std::string& real, const char* name)>;
absl::StatusOr<std::string> read_attribute(const std::string& real, const char* name);

class KeyRights {
 public:
  // Reads the names of users and groups below the root, not this machine's; where they cannot be
  // read, numbers stand for them.
  explicit KeyRights(std::string root, AttributeReader attributes = &read_attribute);

  // Fills owner, group, mode and what access control lists add of the file at the end of all links;
  // a list that cannot be read, or is of NFSv4, is access_list_error.
  void describe(const std::string& path, const probe::FileStatus& status, v1::KeyFile& key) const;

 private:
  absl::StatusOr<AccessList> access_list_of(const std::string& real) const;

  const std::string root_;
  const AttributeReader attributes_;
  const IdNames users_;
  const IdNames groups_;
};

}  // namespace muster

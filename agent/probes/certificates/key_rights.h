// Who may read a key file, as the file system says it. Calls block; one thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "agent/probes/certificates/access_list.h"
#include "agent/probes/root_files.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster {

class KeyRights {
 public:
  // Reads the names of users and groups below the root, not this machine's; where they cannot be
  // read, numbers stand for them.
  explicit KeyRights(std::string root);

  // Fills owner, group, mode and readers_by_acl of the file at the end of all links; an access
  // control list that cannot be read is an error of the key.
  void describe(const std::string& path, const probe::FileStatus& status, v1::KeyFile& key) const;

 private:
  absl::StatusOr<std::vector<std::string>> readers_of(const std::string& path) const;

  const std::string root_;
  const IdNames users_;
  const IdNames groups_;
};

}  // namespace muster

// Whose the files of a state directory are. The collector runs as a user of its own, and a verb
// that root calls while it is stopped must leave nothing behind that this user cannot open.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster::collector {

struct Owner {
  uid_t user = 0;
  gid_t group = 0;
  bool operator==(const Owner&) const = default;
};

// Whom a process of that user has to become before it works in a directory of that owner: root
// becomes anybody who is not root, nobody else becomes somebody. Pure.
std::optional<Owner> owner_to_become(uid_t running_as, const Owner& directory);

// While it lives, the whole process (every thread) is the owner of the directory, if root started
// it; its files are made as his, and a link that he made leads no further than he gets himself.
// Then it is root again: a backup is written where only root may write. One at a time.
class ActingAsOwner {
 public:
  static absl::StatusOr<std::unique_ptr<ActingAsOwner>> of(const std::string& directory);
  ~ActingAsOwner();
  ActingAsOwner(const ActingAsOwner&) = delete;
  ActingAsOwner& operator=(const ActingAsOwner&) = delete;

 private:
  ActingAsOwner() = default;
  absl::Status become(const Owner& owner);

  // What to go back to.
  std::vector<gid_t> groups_;
  gid_t group_ = 0;
  bool changed_ = false;
};

// `status` of something that failed in the directory, with the chown that helps where some of its
// files are not this process's to open. Calls block.
absl::Status explain_owner(const absl::Status& status, const std::string& directory);

}  // namespace muster::collector

// How the agent gives up root: whom it becomes, what that user must own, and the step itself.
// Called before there are other threads.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>

#include <string>

namespace muster::agent {

inline constexpr const char* kAgentUser = "muster";
inline constexpr const char* kProbeUser = "muster-probe";

struct Account {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
};

// By name; a number is a user without a name, in the group of that number. NotFound says how to
// make it.
absl::StatusOr<Account> find_account(const std::string& name);

// Makes the directory if it is missing, and gives it and what root left in it (an enrolment) to the
// account; but for one open file, which stays root's wherever it is: the configuration, which
// privileged probes follow. Links are not followed. FailedPrecondition, with nothing given, for a
// directory of root's that holds something but no sign of an agent (identity.pem,
// identity.next.pem, agent.yml, status.json, outbox), and for `/`; and where something in it is of
// a third user.
absl::Status give_directory(const std::string& directory, const Account& account, int kept_file);

// For good: user, groups, every capability and every way to one; other processes of that user
// cannot look into this one.
absl::Status become(const Account& account);

}  // namespace muster::agent

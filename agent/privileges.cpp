#include "agent/privileges.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>

#include "common/descriptor.h"
#include "common/files.h"

namespace muster::agent {
namespace {

// The state directory has one level below it.
constexpr int kDepthLimit = 4;

// What only an agent or its enrolment has in its directory: ca.pem and lock have others, too.
constexpr std::array<std::string_view, 5> kSigns{"identity.pem", "identity.next.pem", "agent.yml",
                                                 "status.json", "outbox"};

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using DirectoryPtr = std::unique_ptr<DIR, CloseDirectory>;

DirectoryPtr read_directory(int directory) {
  const int opened = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return DirectoryPtr(opened < 0 ? nullptr : ::fdopendir(opened));
}

class Gift {
 public:
  Gift(const Account& account, const struct stat& kept) : account_(account), kept_(kept) {}

  absl::Status give(int parent, const std::string& name, const std::string& path, int depth) {
    const Descriptor entry(::openat(parent, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (entry.get() < 0 && errno == ENOENT) return absl::OkStatus();
    if (entry.get() < 0 || ::fstat(entry.get(), &status) != 0) {
      return errno_status(errno, fmt::format("looking at {}", path));
    }
    if (status.st_dev == kept_.st_dev && status.st_ino == kept_.st_ino) return absl::OkStatus();
    if (status.st_uid != account_.user) {
      if (status.st_uid != 0) {
        return absl::FailedPreconditionError(
            fmt::format("{0} belongs to user {1} and not to {2}: chown {2} {0}, or take it away",
                        path, status.st_uid, account_.name));
      }
      if (depth == kDepthLimit && S_ISDIR(status.st_mode)) {
        if (absl::Status fit = check_is_for_an_agent(entry.get(), path); !fit.ok()) return fit;
      }
      // Another name of a file of root's that is not the agent's.
      if (S_ISREG(status.st_mode) && status.st_nlink > 1) {
        return absl::FailedPreconditionError(
            fmt::format("{} is a hard link to a file of root's: take it away", path));
      }
      if (::fchownat(entry.get(), "", account_.user, account_.group, AT_EMPTY_PATH) != 0) {
        return errno_status(errno, fmt::format("giving {} to {}", path, account_.name));
      }
    }
    return S_ISDIR(status.st_mode) && depth > 0 ? give_content(entry.get(), path, depth)
                                                : absl::OkStatus();
  }

 private:
  // Of root's directory: whoever wrote its name into the configuration may have meant another.
  absl::Status check_is_for_an_agent(int directory, const std::string& path) const {
    const DirectoryPtr entries = read_directory(directory);
    if (entries == nullptr) return errno_status(errno, fmt::format("reading {}", path));
    bool is_empty = true;
    while (const dirent* entry = ::readdir(entries.get())) {
      const std::string_view name = entry->d_name;
      if (std::find(kSigns.begin(), kSigns.end(), name) != kSigns.end()) return absl::OkStatus();
      is_empty = is_empty && (name == "." || name == ".." || name == "lost+found");
    }
    if (is_empty) return absl::OkStatus();
    return absl::FailedPreconditionError(
        fmt::format("{0} is root's and holds files that are no agent's; as state_directory it "
                    "would become {1}'s. Name a directory of its own in the configuration; if this "
                    "one is meant: chown {1} {0}",
                    path, account_.name));
  }

  absl::Status give_content(int directory, const std::string& path, int depth) {
    const DirectoryPtr entries = read_directory(directory);
    if (entries == nullptr) return errno_status(errno, fmt::format("reading {}", path));
    while (const dirent* entry = ::readdir(entries.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      absl::Status given =
          give(::dirfd(entries.get()), name, fmt::format("{}/{}", path, name), depth - 1);
      if (!given.ok()) return given;
    }
    return absl::OkStatus();
  }

  const Account& account_;
  const struct stat& kept_;
};

absl::Status drop_capabilities() {
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
       ++capability) {
    // Only who is privileged may, and only who is has something to lose.
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM) {
      return errno_status(errno, "giving up capabilities");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Account> find_account(const std::string& name) {
  uid_t number = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  if (error == std::errc() && rest == end) return Account{name, number, number};
  const passwd* const entry = ::getpwnam(name.c_str());
  if (entry == nullptr) {
    return absl::NotFoundError(fmt::format(
        "there is no user {0} to run as. Make it:\n"
        "  systemd-sysusers --inline 'u {0} - \"Muster agent\"' 'u {1} - \"Muster probes\"'\n"
        "or name another: --user NAME",
        name, kProbeUser));
  }
  return Account{name, entry->pw_uid, entry->pw_gid};
}

absl::Status give_directory(const std::string& directory, const Account& account, int kept_file) {
  struct stat kept {};
  if (::fstat(kept_file, &kept) != 0) return errno_status(errno, "looking at the configuration");
  struct stat root {};
  struct stat given {};
  if (absl::Status made = make_directory(directory, 0750); !made.ok()) return made;
  if (::stat("/", &root) == 0 && ::lstat(directory.c_str(), &given) == 0 &&
      root.st_dev == given.st_dev && root.st_ino == given.st_ino) {
    return absl::FailedPreconditionError(
        "state_directory is the root of all files: name a directory of its own");
  }
  return Gift(account, kept).give(AT_FDCWD, directory, directory, kDepthLimit);
}

absl::Status become(const Account& account) {
  if (absl::Status dropped = drop_capabilities(); !dropped.ok()) return dropped;
  // A change of user takes back that it ends with who started it.
  int death_signal = 0;
  ::prctl(PR_GET_PDEATHSIG, &death_signal, 0, 0, 0);
  if (::setgroups(0, nullptr) != 0 ||
      ::setresgid(account.group, account.group, account.group) != 0 ||
      ::setresuid(account.user, account.user, account.user) != 0) {
    return errno_status(errno, fmt::format("becoming user {}", account.name));
  }
  ::prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0);
  // A change to a user that is not root has done this; the account may be root's.
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct nothing[_LINUX_CAPABILITY_U32S_3]{};
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
      ::syscall(SYS_capset, &header, nothing) != 0 ||
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return errno_status(errno, "giving up capabilities");
  }
  return absl::OkStatus();
}

}  // namespace muster::agent

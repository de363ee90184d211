// What the kernel itself is asked: of audit, and of processes.
#include <dirent.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>

#include "agent/answers/ways_to_ask.h"
#include "common/descriptor.h"

namespace muster::answers {
namespace {

constexpr size_t kMostOfStatus = size_t{4} << 10;
constexpr size_t kMostOfProcessName = 15;

// One request, and the messages that answer it until one of type `last`, or an error.
Ending ask_netlink(int socket, uint16_t type, uint16_t last) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  nlmsghdr request{};
  request.nlmsg_len = NLMSG_LENGTH(0);
  request.nlmsg_type = type;
  request.nlmsg_flags = NLM_F_REQUEST;
  if (::sendto(socket, &request, request.nlmsg_len, 0, reinterpret_cast<const sockaddr*>(&kernel),
               sizeof kernel) < 0) {
    return {Outcome::kFailed, errno};
  }
  alignas(nlmsghdr) std::array<char, 1 << 14> block;
  for (;;) {
    sockaddr_nl sender{};
    socklen_t size = sizeof sender;
    const ssize_t count = ::recvfrom(socket, block.data(), block.size(), MSG_TRUNC,
                                     reinterpret_cast<sockaddr*>(&sender), &size);
    if (count < 0) return {Outcome::kFailed, errno};
    if (static_cast<size_t>(count) > block.size()) return {Outcome::kFailed, EMSGSIZE};
    nlmsghdr header{};
    if (sender.nl_pid != 0 || static_cast<size_t>(count) < sizeof header) continue;
    std::memcpy(&header, block.data(), sizeof header);
    nlmsgerr error{};
    if (header.nlmsg_type == NLMSG_ERROR &&
        static_cast<size_t>(count) >= NLMSG_LENGTH(sizeof error)) {
      std::memcpy(&error, block.data() + NLMSG_HDRLEN, sizeof error);
      return {Outcome::kFailed, -error.error};
    }
    if (!say(block.data(), static_cast<size_t>(count))) return {Outcome::kFailed, errno};
    if (header.nlmsg_type == last) return {};
  }
}

// "Name:\tbash\n...Uid:\t1000\t1000\t1000\t1000\n..." as a line; empty if it is gone, or
// has ended and its parent has not asked how: that runs no more. Nor of one in a namespace of
// processes below this one: that is a container's.
std::string line_of(const char* process, int directory) {
  const Descriptor opened(::openat(directory, process, O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Descriptor file(::openat(opened.get(), "status", O_RDONLY | O_CLOEXEC));
  std::array<char, kMostOfStatus> block;
  const ssize_t count = ::read(file.get(), block.data(), block.size());
  if (count < 8) return {};
  const std::string_view status(block.data(), static_cast<size_t>(count));
  const size_t name = status.find('\t') + 1;
  const size_t user = status.find("\nUid:\t") + 6;
  // Its id in each namespace of processes, before which its groups may stand without end.
  const size_t ids = status.find("\nNSpid:\t");
  const std::string_view after = status.substr(std::min(ids, status.size() - 8) + 8);
  const bool is_cut = status.size() == block.size() && after.find('\n') == std::string_view::npos;
  if (name == 0 || user == std::string_view::npos + 6 || is_cut ||
      after.find('\t') < after.find('\n') || status.find("\nState:\tZ") < status.size()) {
    return {};
  }
  std::string line = std::string(process) + " ";
  line += status.substr(user, status.find('\t', user) - user);
  line += ' ';
  std::string_view word = status.substr(name, status.find('\n') - name);
  for (const char byte : word.substr(0, kMostOfProcessName))
    line += byte >= 0x20 && byte < 0x7f ? byte : '?';
  return line + '\n';
}

// A line for each; false with errno.
bool read_processes(const char* proc, std::string& lines) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(proc), &::closedir);
  if (directory == nullptr) return false;
  // Where processes of others are hidden (hidepid of proc(5)), nobody can say that one is not
  // there.
  if (line_of("1", ::dirfd(directory.get())).empty()) {
    errno = EACCES;
    return false;
  }
  while (const dirent* const entry = ::readdir(directory.get())) {
    if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0) continue;
    lines += line_of(entry->d_name, ::dirfd(directory.get()));
  }
  return true;
}

}  // namespace

Ending ask_audit() {
  const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT));
  if (socket.get() < 0) {
    return {errno == EPROTONOSUPPORT ? Outcome::kAbsent : Outcome::kFailed, errno};
  }
  const Ending status = ask_netlink(socket.get(), AUDIT_GET, AUDIT_GET);
  if (status.outcome != Outcome::kAnswered) return status;
  return ask_netlink(socket.get(), AUDIT_LIST_RULES, NLMSG_DONE);
}

Ending ask_processes(const char* proc) {
  std::string lines;
  if (!read_processes(proc, lines)) return {Outcome::kFailed, errno};
  return say(lines.data(), lines.size()) ? Ending{} : Ending{Outcome::kFailed, errno};
}

bool may_run(const char* proc, std::string_view name) {
  std::string lines;
  return !read_processes(proc, lines) ||
         lines.find(" " + std::string(name) + "\n") != std::string::npos;
}

}  // namespace muster::answers

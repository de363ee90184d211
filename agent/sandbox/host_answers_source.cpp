#include "agent/sandbox/host_answers_source.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace muster::agent {
namespace {

Descriptor ask_socket(char group, const char* path) {
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // Also how long it may take to be let in.
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::send(socket.get(), &group, 1, MSG_NOSIGNAL) != 1) {
    return {};
  }
  return socket;
}

Descriptor ask_program(char group, const std::string& program) {
  std::array<int, 2> ends{};
  if (program.empty() || ::access(program.c_str(), X_OK) != 0) return {};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  Descriptor answers(ends[0]);
  const Descriptor said(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return {};
  if (pid > 0) return answers;
  std::string name = program;
  std::string word = group == 'a' ? "antivirus" : "intrusion-detection";
  std::array<char*, 3> words{name.data(), word.data(), nullptr};
  char* const environment = nullptr;
  if (::dup2(said.get(), STDOUT_FILENO) >= 0) {
    ::execve(name.c_str(), words.data(), &environment);
  }
  ::_exit(127);
}

}  // namespace

Descriptor open_host_answers(char group, const std::string& program, const char* socket) {
  Descriptor answers = ask_socket(group, socket);
  if (answers.get() < 0) answers = ask_program(group, program);
  if (answers.get() < 0) answers.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return answers;
}

}  // namespace muster::agent

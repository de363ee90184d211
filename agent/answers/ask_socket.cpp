#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "agent/answers/ways_to_ask.h"
#include "common/descriptor.h"

namespace muster::answers {
namespace {

constexpr size_t kMostOfSettings = size_t{256} << 10;

Ending failed() {
  return {Outcome::kFailed, errno};
}

// Of the first that is there, if it is root's or the asker's word; empty if it cannot be read.
std::string read_settings(const Question& question) {
  std::string text;
  for (const char* const path : question.settings) {
    const Descriptor file(path == nullptr ? -1 : ::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (status.st_uid != 0 && status.st_uid != ::geteuid()) continue;
    if ((status.st_mode & S_IWOTH) != 0) continue;
    text.resize(kMostOfSettings);
    const ssize_t size = ::read(file.get(), text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<size_t>(size));
    break;
  }
  return text;
}

// The rest of the last line that begins with this word, blanks before it and both ends left out.
std::string setting(std::string_view text, std::string_view word) {
  std::string found;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(word)) continue;
    line.remove_prefix(word.size());
    const size_t first = line.find_first_not_of(" \t");
    if (first == 0 || first == std::string_view::npos) continue;
    found = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
  }
  return found;
}

int port_of(const std::string& text) {
  uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

// Connects, writes the question, and says what comes until the other end closes.
Ending converse(int family, const void* address, socklen_t size, std::string_view question) {
  const Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return failed();
  if (::connect(socket.get(), static_cast<const sockaddr*>(address), size) != 0) {
    const bool is_nobody = errno == ENOENT || errno == ECONNREFUSED;
    return {is_nobody ? Outcome::kAbsent : Outcome::kFailed, errno};
  }
  while (!question.empty()) {
    const ssize_t sent = ::send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL);
    if (sent < 0) return failed();
    question.remove_prefix(static_cast<size_t>(sent));
  }
  std::array<char, 1 << 14> block;
  for (;;) {
    const ssize_t count = ::recv(socket.get(), block.data(), block.size(), 0);
    if (count == 0) return {};
    if (count < 0 || !say(block.data(), static_cast<size_t>(count))) return failed();
  }
}

Ending ask_port(int port, std::string_view question) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return converse(AF_INET, &address, sizeof address, question);
}

bool is_there(const char* path) {
  struct stat status {};
  return path != nullptr && ::stat(path, &status) == 0;
}

bool is_any_there(const std::array<const char*, 4>& paths) {
  return std::any_of(paths.begin(), paths.end(), is_there);
}

}  // namespace

bool is_anybody_there(const Question& question) {
  return question.kind == Kind::kAudit || question.kind == Kind::kProcesses ||
         is_any_there(question.settings) ||
         (question.kind == Kind::kUnixSocket && is_any_there(question.paths));
}

Ending ask_unix_socket(const Question& question) {
  if (question.process != nullptr && !may_run("/proc", question.process)) {
    return {Outcome::kAbsent, ESRCH};
  }
  const std::string settings = read_settings(question);
  std::string path = setting(settings, "LocalSocket");
  const int port = port_of(setting(settings, "TCPSocket"));
  if (path.empty() && port > 0) return ask_port(port, question.sent);
  for (const char* const usual : question.paths) {
    if (path.empty() && is_there(usual)) path = usual;
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty()) return {Outcome::kAbsent, ENOENT};
  if (path.size() >= sizeof address.sun_path) return {Outcome::kFailed, ENAMETOOLONG};
  std::memcpy(address.sun_path, path.data(), path.size());
  return converse(AF_UNIX, &address, sizeof address, question.sent);
}

Ending ask_loopback(const Question& question) {
  const int port = port_of(setting(read_settings(question), "listen_port:"));
  return ask_port(port > 0 ? port : question.port, question.sent);
}

bool say(const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

}  // namespace muster::answers

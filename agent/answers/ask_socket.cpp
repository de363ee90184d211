#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
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

// Empty if it cannot be read.
std::string read_settings(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::string text(kMostOfSettings, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return text;
}

// The first line of the text, taken off it.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// Of a line that begins with this word, blanks before it left out: the rest, without the blanks,
// quotes and comment around it. Empty if it is none.
std::string_view value_in(std::string_view line, std::string_view word) {
  constexpr std::string_view kAround = " \t\r\"'";
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (!line.starts_with(word)) return {};
  line.remove_prefix(word.size());
  line = line.substr(0, line.find(" #"));
  const size_t first = line.find_first_not_of(kAround);
  if (first == 0 || first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kAround) + 1 - first);
}

// Of the last such line.
std::string setting(std::string_view text, std::string_view word) {
  std::string found;
  while (!text.empty()) {
    const std::string_view value = value_in(take_line(text), word);
    if (!value.empty()) found = value;
  }
  return found;
}

// Whether what listens at the addresses of these lines, or at all without one, is at 127.0.0.1.
bool listens_on_loopback(std::string_view text, std::string_view word) {
  bool is_elsewhere = false;
  while (!text.empty()) {
    const std::string_view value = value_in(take_line(text), word);
    if (value == "127.0.0.1" || value == "localhost" || value == "0.0.0.0" || value == "::") {
      return true;
    }
    is_elsewhere = is_elsewhere || !value.empty();
  }
  return !is_elsewhere;
}

// The lines of YAML below "webserver:".
std::string section(std::string_view text, std::string_view head) {
  std::string lines;
  for (bool is_in = false; !text.empty();) {
    const std::string_view line = take_line(text);
    const bool is_head = !line.empty() && line.find_first_of(" \t\r#") != 0;
    if (is_head) is_in = line.starts_with(head);
    if (is_in && !is_head) lines.append(line).append("\n");
  }
  return lines;
}

int port_of(const std::string& text) {
  uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

// Connects, and if these users may be heard, writes the question and says what comes until the
// other end closes.
Ending converse(int family, const void* address, socklen_t size, std::string_view question,
                std::span<const uid_t> users) {
  const Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return failed();
  if (::connect(socket.get(), static_cast<const sockaddr*>(address), size) != 0) {
    const bool is_nobody = errno == ENOENT || errno == ECONNREFUSED;
    return {is_nobody ? Outcome::kAbsent : Outcome::kFailed, errno};
  }
  if (!is_believed(socket.get(), users)) return {Outcome::kUnsafe, EACCES};
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

Ending ask_port(int port, std::string_view question, std::span<const uid_t> users) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return converse(AF_INET, &address, sizeof address, question, users);
}

}  // namespace

Ending ask_unix_socket(const Question& question, const std::string& resolved, uid_t starter) {
  if (question.process != nullptr && !may_run("/proc", question.process)) {
    return {Outcome::kAbsent, ESRCH};
  }
  const std::string settings = read_settings(resolved);
  const passwd* const owner = ::getpwnam(setting(settings, "User").c_str());
  const std::array<uid_t, 3> users{0, starter, owner == nullptr ? 0 : owner->pw_uid};
  std::string path = setting(settings, "LocalSocket");
  const int port = port_of(setting(settings, "TCPSocket"));
  if (path.empty() && port > 0) {
    if (!listens_on_loopback(settings, "TCPAddr")) return {Outcome::kFailed, EADDRNOTAVAIL};
    return ask_port(port, question.sent, users);
  }
  for (const char* const usual : question.paths) {
    if (path.empty() && is_there(usual)) path = usual;
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty()) return {Outcome::kAbsent, ENOENT};
  if (path.size() >= sizeof address.sun_path) return {Outcome::kFailed, ENAMETOOLONG};
  std::memcpy(address.sun_path, path.data(), path.size());
  return converse(AF_UNIX, &address, sizeof address, question.sent, users);
}

Ending ask_loopback(const Question& question, const std::string& resolved, uid_t starter) {
  const std::string settings = section(read_settings(resolved), "webserver:");
  if (setting(settings, "enabled:") == "false") return {Outcome::kAbsent, EOPNOTSUPP};
  if (!listens_on_loopback(settings, "listen_address:")) return {Outcome::kFailed, EADDRNOTAVAIL};
  const int port = port_of(setting(settings, "listen_port:"));
  return ask_port(port > 0 ? port : question.port, question.sent, std::array<uid_t, 2>{0, starter});
}

bool is_there(const char* path) {
  struct stat status {};
  return path != nullptr && ::stat(path, &status) == 0;
}

}  // namespace muster::answers

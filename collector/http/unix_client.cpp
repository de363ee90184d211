#include "collector/http/unix_client.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "collector/http/unix_client_parse.h"
#include "common/files.h"

namespace muster::collector::http {
namespace {

using Instant = std::chrono::steady_clock::time_point;

// A socket that is closed at the end of the scope.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

absl::Status wait_for(int descriptor, short events, Instant deadline, std::string_view doing) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd entry{descriptor, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready > 0) return absl::OkStatus();
    if (ready == 0) {
      return absl::DeadlineExceededError(
          fmt::format("{}: the collector did not answer in time", doing));
    }
    if (errno != EINTR) return errno_status(errno, doing);
  }
}

// EAGAIN is what a Unix socket says while the listener's queue is full.
absl::Status connect_to(const Socket& socket, const sockaddr_un& address, Instant deadline,
                        const std::string& path) {
  const std::string doing = fmt::format("connecting to {}", path);
  for (;;) {
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      return absl::OkStatus();
    }
    if (errno == ENOENT || errno == ECONNREFUSED) {
      return absl::NotFoundError(
          fmt::format("no collector listens on {}: {}", path, std::strerror(errno)));
    }
    if (errno != EAGAIN && errno != EINTR) return errno_status(errno, doing);
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError(fmt::format("{}: the collector is busy", doing));
    }
    ::poll(nullptr, 0, 10);
  }
}

absl::Status send_all(const Socket& socket, std::string_view bytes, Instant deadline) {
  const std::string_view doing = "sending to the collector";
  while (!bytes.empty()) {
    if (absl::Status ready = wait_for(socket.get(), POLLOUT, deadline, doing); !ready.ok()) {
      return ready;
    }
    const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      // The server refused before it had read everything: its answer may be there to read.
      return absl::OkStatus();
    } else if (errno != EAGAIN && errno != EINTR) {
      return errno_status(errno, doing);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> receive_all(const Socket& socket, size_t limit, Instant deadline) {
  const std::string_view doing = "reading the collector's answer";
  std::string answer;
  char buffer[16 * 1024];
  for (;;) {
    if (absl::Status ready = wait_for(socket.get(), POLLIN, deadline, doing); !ready.ok()) {
      return ready;
    }
    const ssize_t received = ::recv(socket.get(), buffer, sizeof buffer, 0);
    if (received == 0) return answer;
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (received < 0) {
      if (errno == ECONNRESET && !answer.empty()) return answer;
      return errno_status(errno, doing);
    }
    if (answer.size() + static_cast<size_t>(received) > limit) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: it is larger than {} bytes", doing, limit));
    }
    answer.append(buffer, static_cast<size_t>(received));
  }
}

bool is_token_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

absl::StatusOr<Response> parse_response(std::string_view bytes) {
  const auto broken = [](std::string_view what) {
    return absl::UnavailableError(fmt::format("the collector's answer is not HTTP: {}", what));
  };
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return broken("it ends within the header");
  std::string_view body = bytes.substr(end + 4);
  const std::string head(bytes.substr(0, end));
  Response response;
  response.content_type.clear();
  std::optional<size_t> length;
  bool first = true;
  for (absl::string_view line : absl::StrSplit(head, "\r\n")) {
    if (first) {
      first = false;
      // "HTTP/1.1 200 OK" (RFC 9112, 4): the reason may be absent.
      if (!absl::StartsWith(line, "HTTP/1.") || line.size() < 12 || line[8] != ' ' ||
          !absl::SimpleAtoi(line.substr(9, 3), &response.status) || response.status < 100) {
        return broken("its first line is not a status");
      }
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == 0 || colon == absl::string_view::npos) return broken("a header line has no name");
    std::string name = absl::AsciiStrToLower(line.substr(0, colon));
    const absl::string_view trimmed = absl::StripAsciiWhitespace(line.substr(colon + 1));
    std::string value(trimmed.data(), trimmed.size());
    if (name == "transfer-encoding") return broken("it is chunked, which was not asked for");
    if (name == "content-length") {
      size_t number = 0;
      if (!absl::SimpleAtoi(value, &number)) return broken("its length is not a number");
      length = number;
    }
    if (name == "content-type") {
      response.content_type = std::move(value);
    } else {
      response.headers.emplace_back(std::move(name), std::move(value));
    }
  }
  if (length && *length > body.size()) return broken("it ends before its length");
  if (length) body = body.substr(0, *length);
  response.body = std::string(body);
  return response;
}

absl::StatusOr<Response> request_unix(const std::string& socket_path, std::string_view method,
                                      std::string_view target, std::string_view body,
                                      const UnixClientLimits& limits) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.empty() || socket_path.size() >= sizeof address.sun_path) {
    return absl::InvalidArgumentError(fmt::format(
        "the socket's path {} must have 1 to {} bytes; choose a shorter state directory",
        socket_path, sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  if (!is_token_text(method) || !is_token_text(target) || target.front() != '/') {
    return absl::InvalidArgumentError("the request has a character that must be percent-encoded");
  }
  const Instant deadline = std::chrono::steady_clock::now() + limits.timeout;
  const Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return errno_status(errno, "making a socket");
  if (absl::Status status = connect_to(socket, address, deadline, socket_path); !status.ok()) {
    return status;
  }
  std::string request =
      fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method, target);
  if (!body.empty() || method == "POST" || method == "PUT") {
    request += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  }
  request += "\r\n";
  request += body;
  if (absl::Status status = send_all(socket, request, deadline); !status.ok()) return status;
  absl::StatusOr<std::string> answer = receive_all(socket, limits.response_bytes, deadline);
  if (!answer.ok()) return answer.status();
  return parse_response(*answer);
}

}  // namespace muster::collector::http

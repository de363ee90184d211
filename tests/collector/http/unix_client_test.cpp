#include "collector/http/unix_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>

#include "collector/http/unix_client_parse.h"

namespace muster::collector::http {
namespace {

// A directory for sockets, removed at the end with what is in it.
class UnixClient : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(directory_.data()), nullptr); }
  void TearDown() override {
    ::unlink(path().c_str());
    ::rmdir(directory_.c_str());
  }
  std::string path() const { return directory_ + "/s"; }

  int bind_socket() const {
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path().data(), path().size());
    EXPECT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return descriptor;
  }

 private:
  std::string directory_ = "/tmp/muster_unix_client.XXXXXX";
};

TEST_F(UnixClient, SaysThatNobodyListens) {
  EXPECT_EQ(request_unix(path(), "GET", "/", "").status().code(), absl::StatusCode::kNotFound);
  ::close(bind_socket());
  EXPECT_EQ(request_unix(path(), "GET", "/", "").status().code(), absl::StatusCode::kNotFound)
      << "a socket that a dead process left";
}

TEST_F(UnixClient, SendsAndReceives) {
  const int listener = bind_socket();
  ASSERT_EQ(::listen(listener, 1), 0);
  std::string seen;
  std::thread server([&seen, listener] {
    const int peer = ::accept(listener, nullptr, nullptr);
    char buffer[4096];
    while (seen.find("{\"a\":1}") == std::string::npos) {
      const ssize_t count = ::recv(peer, buffer, sizeof buffer, 0);
      if (count <= 0) break;
      seen.append(buffer, static_cast<size_t>(count));
    }
    const std::string_view answer =
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nRetry-After: 5\r\n"
        "Content-Length: 2\r\n\r\nno";
    ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    ::close(peer);
  });
  const absl::StatusOr<Response> answer =
      request_unix(path(), "POST", "/admin/v1/token", "{\"a\":1}");
  server.join();
  ::close(listener);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 403);
  EXPECT_EQ(answer->content_type, "application/json");
  EXPECT_EQ(answer->body, "no");
  EXPECT_EQ(seen,
            "POST /admin/v1/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST_F(UnixClient, GivesUpOnSilence) {
  const int listener = bind_socket();
  ASSERT_EQ(::listen(listener, 1), 0);
  EXPECT_EQ(request_unix(path(), "GET", "/", "", {.timeout = std::chrono::milliseconds(20)})
                .status()
                .code(),
            absl::StatusCode::kDeadlineExceeded);
  ::close(listener);
}

TEST_F(UnixClient, BoundsTheAnswer) {
  const int listener = bind_socket();
  ASSERT_EQ(::listen(listener, 1), 0);
  std::thread server([listener] {
    const int peer = ::accept(listener, nullptr, nullptr);
    const std::string flood(100000, 'x');
    ::send(peer, flood.data(), flood.size(), MSG_NOSIGNAL);
    ::close(peer);
  });
  EXPECT_EQ(request_unix(path(), "GET", "/", "", {.response_bytes = 1000}).status().code(),
            absl::StatusCode::kResourceExhausted);
  server.join();
  ::close(listener);
}

TEST_F(UnixClient, RefusesWhatCannotBeSent) {
  for (const std::string& socket_path : {std::string(), std::string(108, 'x')}) {
    EXPECT_EQ(request_unix(socket_path, "GET", "/", "").status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  for (const char* target : {"", "a", "/a b", "/a\r\nX: y", "/\xff"}) {
    EXPECT_EQ(request_unix(path(), "GET", target, "").status().code(),
              absl::StatusCode::kInvalidArgument)
        << target;
  }
}

TEST(ParseResponse, ReadsUpToTheLengthOrTheEnd) {
  EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab")->body, "a");
  EXPECT_EQ(parse_response("HTTP/1.0 200\r\n\r\nab")->body, "ab");
}

TEST(ParseResponse, RefusesWhatIsNoAnswer) {
  for (const char* bytes :
       {"", "\r\n\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 99 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "HTTP/1.1 200 OK\r\nnothing\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    EXPECT_EQ(parse_response(bytes).status().code(), absl::StatusCode::kUnavailable) << bytes;
  }
}

}  // namespace
}  // namespace muster::collector::http

// The server on a Unix socket: the administration's.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "collector/http/server.h"
#include "collector/http/unix_client.h"
#include "tests/collector/http/running_server.h"

namespace muster::collector::http {
namespace {

class UnixServer : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(directory_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string directory_ = "/tmp/muster_http_server.XXXXXX";
  std::string path() const { return directory_ + "/admin.sock"; }
};

TEST_F(UnixServer, AnswersOnASocketThatOnlyItsOwnerCanUse) {
  {
    RunningServer server(path(), [](const Request& request, const Respond& respond) {
      respond({.body = request.peer + (request.from_administration_socket ? " admin" : "") +
                       (request.from_loopback ? " loopback" : "")});
    });
    struct stat status {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    const absl::StatusOr<Response> answer = request_unix(path(), "POST", "/a", "{}");
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->body, "unix admin loopback");
    boost::asio::io_context io;
    EXPECT_EQ(Server::listen_unix(io, path(), {}, echo).status().code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_TRUE(request_unix(path(), "GET", "/a", "").ok()) << "still the first one's";
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixServer, ReplacesAStaleSocketAndNothingElse) {
  {
    RunningServer server(path(), echo);
    std::filesystem::create_hard_link(path(), directory_ + "/stale");
  }
  RunningServer server(directory_ + "/stale", echo);
  EXPECT_TRUE(request_unix(directory_ + "/stale", "GET", "/a", "").ok());
  boost::asio::io_context io;
  std::filesystem::create_directory(path());
  EXPECT_EQ(Server::listen_unix(io, path(), {}, echo).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Server::listen_unix(io, std::string(108, 'x'), {}, echo).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace muster::collector::http

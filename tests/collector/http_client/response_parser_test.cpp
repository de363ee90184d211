#include "collector/http_client/response_parser.h"

#include <absl/status/statusor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include <vector>

namespace muster::collector {
namespace {

using testing::HasSubstr;

// As it comes in pieces of that many bytes, and then the connection ends.
absl::StatusOr<HttpAnswer> parsed(const std::string& bytes, size_t piece, size_t limit = 100) {
  ResponseParser parser(limit);
  std::string input;
  for (size_t at = 0; at < bytes.size() && !parser.complete(); at += piece) {
    input += bytes.substr(at, piece);
    if (absl::Status status = parser.feed(input); !status.ok()) return status;
  }
  if (absl::Status status = parser.finish(); !status.ok()) return status;
  return parser.take();
}

TEST(ResponseParser, ReadsAnAnswerInWhateverPiecesItComes) {
  const std::vector<std::string> same = {
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nTrailer: x\r\n\r\n",
      "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\nhello",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
      "Content-Length: 5\r\n\r\nhello and what does not belong to it",
  };
  for (const std::string& bytes : same) {
    for (size_t piece = 1; piece <= bytes.size(); ++piece) {
      const auto answer = parsed(bytes, piece);
      ASSERT_TRUE(answer.ok()) << answer.status() << piece << "\n" << bytes;
      EXPECT_EQ(answer->status, 200U);
      EXPECT_EQ(answer->reason, "OK");
      EXPECT_EQ(answer->content_type, "application/json");
      EXPECT_EQ(answer->body, "hello");
    }
  }
}

TEST(ResponseParser, RefusesWhatIsNoWholeAnswer) {
  struct Case {
    std::string bytes;
    std::string why;
  };
  const std::vector<Case> cases = {
      {"", "the connection ended before the answer did"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "ended before the answer did"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "ended before"},
      {"HTTP/1.1 200 OK\r\nContent-Len", "ended before the answer did"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP"},
      {"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n", "the answer is not HTTP"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "the answer is not HTTP"},
  };
  for (const Case& one : cases) {
    for (const size_t piece : {size_t{1}, size_t{1000}}) {
      const absl::Status status = parsed(one.bytes, piece).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << one.bytes;
      // Of what comes byte by byte, it may not be known before its end.
      if (piece == 1) continue;
      EXPECT_THAT(std::string(status.message()), HasSubstr(one.why)) << one.bytes;
    }
  }
}

TEST(ResponseParser, RefusesWhatIsLargerThanItsBounds) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(parsed(ok + "Content-Length: 5\r\n\r\nhello", 1000, 5).ok());
  EXPECT_TRUE(parsed(ok + "\r\nhello", 1000, 5).ok());
  const std::vector<std::string> too_large = {
      ok + "Content-Length: 5\r\n\r\nhello",
      ok + "\r\nhello",
      chunked + "5\r\nhello\r\n0\r\n\r\n",
      chunked + "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
      ok + "X: " + std::string(40'000, 'x') + "\r\n\r\n",
      chunked + "1;" + std::string(40'000, 'x') + "\r\n",
      chunked + "0\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n",
  };
  for (const std::string& bytes : too_large) {
    for (const size_t piece : {size_t{1}, ResponseParser::kHeaderBytes}) {
      EXPECT_EQ(parsed(bytes, piece, 4).status().code(), absl::StatusCode::kResourceExhausted)
          << bytes.substr(0, 100);
    }
  }
}

}  // namespace
}  // namespace muster::collector

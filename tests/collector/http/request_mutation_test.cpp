// Requests with bytes changed, cut, doubled and swapped by a seeded generator, fed in pieces: the
// parser ends, keeps to its bounds, and what it lets through is well-formed. Under the sanitizers
// this is where a parser's slip would show.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "collector/http/request_parser.h"
#include "common/text.h"

namespace muster::collector::http {
namespace {

constexpr size_t kHeaderBytes = 512;
constexpr size_t kBodyBytes = 64;
constexpr int kRounds = 20000;

const std::vector<std::string>& seeds() {
  static const std::vector<std::string> all = {
      "GET /metrics?host=web%201&x=+ HTTP/1.1\r\nHost: a\r\nAccept: text/plain;q=0.5\r\n\r\n",
      "HEAD http://a/%7e HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "POST /api/v1/enroll HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;a=\"b\"\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\n",
  };
  return all;
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  size_t below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  std::string mutate(std::string text) {
    static constexpr std::string_view kTokens[] = {"\r\n",
                                                   "\r\n\r\n",
                                                   "\n",
                                                   "\r",
                                                   " ",
                                                   "\t",
                                                   ":",
                                                   ";",
                                                   "0",
                                                   "ffff",
                                                   "%",
                                                   "%00",
                                                   "..",
                                                   "//",
                                                   "\xff",
                                                   ",",
                                                   "chunked",
                                                   "Content-Length: 5\r\n",
                                                   "Transfer-Encoding: chunked\r\n",
                                                   "Host: b\r\n",
                                                   "+",
                                                   "0x",
                                                   "\t:",
                                                   ";a=\"",
                                                   "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                                                   "http://u@a",
                                                   "Connection: close\r\n",
                                                   "Expect: 100-continue\r\n",
                                                   "%2e%2e%2f",
                                                   "\\",
                                                   "10000000000000001"};
    for (size_t changes = 1 + below(4); changes > 0 && !text.empty(); --changes) {
      const size_t at = below(text.size());
      switch (below(5)) {
        case 0:
          text[at] = static_cast<char>(below(256));
          break;
        case 1:
          text.erase(at, 1 + below(8));
          break;
        case 2:
          text.insert(at, kTokens[below(std::size(kTokens))]);
          break;
        case 3:
          text.insert(at, text.substr(below(text.size()), below(32)));
          break;
        default:
          text.resize(at);
          break;
      }
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

// What a parser took, however its bytes were cut into pieces.
struct Reading {
  bool complete = false;
  std::string path;
  std::string body;
  size_t used = 0;
};

Reading read_at_once(const std::string& bytes) {
  RequestParser parser(kHeaderBytes, kBodyBytes);
  std::string input = bytes;
  parser.feed(input);
  if (!parser.complete()) return {};
  const Request request = parser.take();
  return {true, request.path, request.body, bytes.size() - input.size()};
}

TEST(RequestMutation, EndsWithinItsBounds) {
  Mutator mutator(20240607);
  int complete = 0;
  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string bytes = mutator.mutate(seeds()[mutator.below(seeds().size())]);
    RequestParser parser(kHeaderBytes, kBodyBytes);
    std::string input;
    size_t used = 0;
    while (used < bytes.size() && !parser.complete() && !parser.refusal()) {
      const size_t piece = 1 + mutator.below(bytes.size() - used);
      input.append(bytes, used, piece);
      used += piece;
      parser.feed(input);
    }
    ASSERT_LE(input.size(), bytes.size());
    const Reading at_once = read_at_once(bytes);
    ASSERT_EQ(parser.complete(), at_once.complete) << bytes;
    if (parser.refusal()) {
      ++refused;
      EXPECT_GE(parser.refusal()->status, 400);
      continue;
    }
    if (!parser.complete()) continue;
    ++complete;
    const Request request = parser.take();
    EXPECT_LE(request.body.size(), kBodyBytes);
    // Where a request ends is where the next one begins: no two readings may differ.
    EXPECT_EQ(used - input.size(), at_once.used) << bytes;
    EXPECT_EQ(request.path, at_once.path) << bytes;
    EXPECT_EQ(request.body, at_once.body) << bytes;
    if (const auto host = request.headers.find("host"); host != request.headers.end()) {
      EXPECT_EQ(host->second.find_first_of("/@, "), std::string::npos) << bytes;
    }
    EXPECT_FALSE(request.method.empty());
    EXPECT_TRUE(request.path.starts_with('/'));
    EXPECT_EQ(request.path.find("//"), std::string::npos) << bytes;
    EXPECT_EQ(request.path.find("/../"), std::string::npos) << bytes;
    EXPECT_TRUE(is_valid_utf8(request.path));
    for (const auto& [name, value] : request.headers) {
      EXPECT_EQ(name.find_first_of(" \r\n:"), std::string::npos) << bytes;
      EXPECT_EQ(value.find_first_of(std::string_view("\r\n\0", 3)), std::string::npos) << bytes;
    }
  }
  EXPECT_GT(complete, kRounds / 50) << "the mutations leave some requests whole";
  EXPECT_GT(refused, kRounds / 4);
}

}  // namespace
}  // namespace muster::collector::http

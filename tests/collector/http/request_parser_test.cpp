#include "collector/http/request_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster::collector::http {
namespace {

constexpr size_t kHeaderBytes = 1024;
constexpr size_t kBodyBytes = 100;

// Fed at once, or byte by byte as a slow network would: both must come to the same.
struct Outcome {
  bool complete = false;
  int refused = 0;
  std::string reason;
  std::string rest;
  Request request;
  bool keep_alive = false;
};

Outcome outcome_of(RequestParser& parser, std::string rest) {
  Outcome outcome;
  outcome.complete = parser.complete();
  if (parser.refusal()) {
    outcome.refused = parser.refusal()->status;
    outcome.reason = parser.refusal()->reason;
  }
  outcome.rest = std::move(rest);
  if (outcome.complete) {
    outcome.keep_alive = parser.keep_alive();
    outcome.request = parser.take();
  }
  return outcome;
}

Outcome parse_at_once(std::string input) {
  RequestParser parser(kHeaderBytes, kBodyBytes);
  parser.feed(input);
  return outcome_of(parser, std::move(input));
}

Outcome parse_byte_by_byte(const std::string& bytes) {
  RequestParser parser(kHeaderBytes, kBodyBytes);
  std::string input;
  size_t used = 0;
  while (used < bytes.size() && !parser.complete() && !parser.refusal()) {
    input += bytes[used++];
    parser.feed(input);
  }
  return outcome_of(parser, input + bytes.substr(used));
}

TEST(RequestParser, ReadsARequestWithoutABody) {
  for (const auto parse : {+[](const std::string& bytes) { return parse_at_once(bytes); },
                           +[](const std::string& bytes) { return parse_byte_by_byte(bytes); }}) {
    const Outcome outcome =
        parse("GET /metrics?host=web%201 HTTP/1.1\r\nHost: a\r\nAccept: x\r\nACCEPT: y\r\n\r\n");
    ASSERT_TRUE(outcome.complete) << outcome.reason;
    EXPECT_EQ(outcome.request.method, "GET");
    EXPECT_EQ(outcome.request.path, "/metrics");
    ASSERT_EQ(outcome.request.query.size(), 1u);
    EXPECT_EQ(outcome.request.query[0].first, "host");
    EXPECT_EQ(outcome.request.query[0].second, "web 1");
    EXPECT_EQ(outcome.request.headers.at("accept"), "x, y");
    EXPECT_TRUE(outcome.keep_alive);
  }
}

TEST(RequestParser, ReadsBodiesByLengthAndByChunks) {
  for (const std::string& bytes : std::vector<std::string>{
           "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
           "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
           "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
           "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
           "b\r\nhello world\r\n0\r\nTrailer: x\r\n\r\n"}) {
    const std::string next = "GET / HTTP/1.1\r\n";
    for (const Outcome& outcome : {parse_at_once(bytes + next), parse_byte_by_byte(bytes + next)}) {
      ASSERT_TRUE(outcome.complete) << outcome.reason << "\n" << bytes;
      EXPECT_EQ(outcome.request.body, "hello world");
      EXPECT_EQ(outcome.rest, next) << "a pipelined request belongs to the next parser";
    }
  }
}

TEST(RequestParser, KnowsWhetherTheConnectionStays) {
  struct Row {
    const char* bytes;
    bool keep_alive;
  };
  for (const Row& row : std::vector<Row>{
           {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
           {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
           {"GET / HTTP/1.0\r\n\r\n", false},
           {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
       }) {
    const Outcome outcome = parse_at_once(row.bytes);
    ASSERT_TRUE(outcome.complete) << outcome.reason;
    EXPECT_EQ(outcome.keep_alive, row.keep_alive) << row.bytes;
  }
}

TEST(RequestParser, AsksForTheBodyOnlyWhileItIsMissing) {
  RequestParser parser(kHeaderBytes, kBodyBytes);
  std::string input =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_FALSE(parser.expects_continue());
  parser.feed(input);
  EXPECT_TRUE(parser.expects_continue());
  input += "ok";
  parser.feed(input);
  EXPECT_FALSE(parser.expects_continue());
  EXPECT_TRUE(parser.complete());
}

TEST(RequestParser, RefusesWhatTwoReadersCouldReadInTwoWays) {
  struct Row {
    std::string what;
    std::string bytes;
    int status;
  };
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  using std::string_literals::operator""s;
  for (const Row& row : std::vector<Row>{
           {"length and coding", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            400},
           {"coding and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
            400},
           {"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
           {"the same length twice", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
           {"a list of lengths", post + "Content-Length: 5, 5\r\n\r\n", 400},
           {"a signed length", post + "Content-Length: +5\r\n\r\n", 400},
           {"a negative length", post + "Content-Length: -5\r\n\r\n", 400},
           {"a hex length", post + "Content-Length: 0x5\r\n\r\n", 400},
           {"an empty length", post + "Content-Length:\r\n\r\n", 400},
           {"a length past 64 bits", post + "Content-Length: 99999999999999999999\r\n\r\n", 400},
           {"two codings", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
           {"a coding that ends otherwise", post + "Transfer-Encoding: chunked, gzip\r\n\r\n", 400},
           {"an unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n", 400},
           {"coding twice",
            post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
           {"coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
           {"a space before the colon", post + "Content-Length : 5\r\n\r\n", 400},
           {"a folded line", post + "X: a\r\n b\r\n\r\n", 400},
           {"a folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
           {"a bare line feed", "GET / HTTP/1.1\nHost: a\n\n", 400},
           {"a bare carriage return", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400},
           {"NUL in a value", "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"s, 400},
           {"a control character", "GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n", 400},
           {"DEL", "GET / HTTP/1.1\r\nHost: a\x7f\r\n\r\n", 400},
           {"a TLS handshake", "\x16\x03\x01\x02\x00\x01"s, 400},
           {"a header without a name", post + ": x\r\n\r\n", 400},
           {"a header without a colon", post + "nothing\r\n\r\n", 400},
           {"a space in a name", post + "a b: x\r\n\r\n", 400},
           {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
           {"a host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
           {"a list of hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
           {"a host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
           {"a host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
           {"a host with other letters", "GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n", 400},
           {"a user in the target", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"a target without a host", "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
           {"two authorizations", post + "Authorization: a\r\nAuthorization: b\r\n\r\n", 400},
           {"a length with a list's end", post + "Content-Length: 5,\r\n\r\n", 400},
           {"a length in two parts", post + "Content-Length: 5 5\r\n\r\n", 400},
           {"a length with a fraction", post + "Content-Length: 5.0\r\n\r\n", 400},
           {"a length in quotes", post + "Content-Length: \"5\"\r\n\r\n", 400},
           {"a length that wraps to 5", post + "Content-Length: 18446744073709551621\r\n\r\n", 400},
           {"a length in wide digits", post + "Content-Length: \xef\xbc\x95\r\n\r\n", 400},
           {"a coding in quotes", post + "Transfer-Encoding: \"chunked\"\r\n\r\n", 400},
           {"a coding with a parameter", post + "Transfer-Encoding: chunked;q=1\r\n\r\n", 400},
           {"a coding and a comma", post + "Transfer-Encoding: chunked,\r\n\r\n", 400},
           {"a comma and a coding", post + "Transfer-Encoding: ,chunked\r\n\r\n", 400},
           {"identity", post + "Transfer-Encoding: identity\r\n\r\n", 400},
           {"an empty coding", post + "Transfer-Encoding:\r\n\r\n", 400},
           {"a coding after a vertical tab",
            post + "Transfer-Encoding: \x0b"
                   "chunked\r\n\r\n",
            400},
           {"a tab before the colon", post + "Transfer-Encoding\t: chunked\r\n\r\n", 400},
           {"a header after a line feed", post + "X: a\nTransfer-Encoding: chunked\r\n\r\n", 400},
           {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 400},
           {"a space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
           {"a tab in the first line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"authority-form", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 400},
           {"asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
           {"HTTP/0.9", "GET /\r\n\r\n", 400},
           {"a lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
           {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"an empty method", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"an empty first line", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"a path without a slash", "GET metrics HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"a path that climbs", "GET /a/%2e%2e/b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"a compressed body", post + "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\n", 415},
           {"another expectation", post + "Expect: cake\r\nContent-Length: 1\r\n\r\n", 417},
           {"a chunk size that is none", chunked + "x\r\n", 400},
           {"an empty chunk size", chunked + "\r\n\r\n", 400},
           {"a negative chunk size", chunked + "-1\r\n", 400},
           {"a chunk size with 0x", chunked + "0x1\r\na\r\n0\r\n\r\n", 400},
           {"a chunk size past 64 bits", chunked + "fffffffffffffffff\r\n", 400},
           {"a chunk that is longer than it says", chunked + "1\r\nab\r\n0\r\n\r\n", 400},
           {"a chunk size with a sign", chunked + "+1\r\na\r\n0\r\n\r\n", 400},
           {"a chunk size after a space", chunked + " 1\r\na\r\n0\r\n\r\n", 400},
           {"a chunk size before a space", chunked + "1 \r\na\r\n0\r\n\r\n", 400},
           {"a chunk size that wraps to 1", chunked + "10000000000000001\r\na\r\n0\r\n\r\n", 400},
           {"the largest chunk size", chunked + "ffffffffffffffff\r\n", 413},
           {"a chunk without its line end", chunked + "1\r\na0\r\n\r\n", 400},
           {"a chunk that ends in a line feed", chunked + "1\r\na\n0\r\n\r\n", 400},
           {"an extension with a line feed", chunked + "1;a\nb\r\na\r\n0\r\n\r\n", 400},
           {"an extension with a carriage return", chunked + "1;a\rb\r\na\r\n0\r\n\r\n", 400},
           {"an extension with NUL", chunked + "1;a\0b\r\na\r\n0\r\n\r\n"s, 400},
           {"an extension whose quotes hold a line feed", chunked + "1;a=\"\nb\"\r\na\r\n0\r\n\r\n",
            400},
           {"an extension whose quotes hold lines",
            chunked + "1;a=\"\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\"\r\n\r\n", 400},
           {"a length in the trailer", chunked + "0\r\nContent-Length: 5\r\n\r\n", 400},
           {"a coding in the trailer", chunked + "0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
           {"a line feed in the trailer", chunked + "0\r\nA: b\n\r\n\r\n", 400},
           {"NUL in the trailer", chunked + "0\r\nA: \0\r\n\r\n"s, 400},
           {"a chunk line with a bare line feed", chunked + "1\na\r\n0\r\n\r\n", 400},
       }) {
    const Outcome at_once = parse_at_once(row.bytes);
    EXPECT_FALSE(at_once.complete) << row.what;
    EXPECT_EQ(at_once.refused, row.status) << row.what;
    const Outcome slow = parse_byte_by_byte(row.bytes);
    EXPECT_FALSE(slow.complete) << row.what << ", byte by byte";
    EXPECT_EQ(slow.refused, row.status) << row.what << ", byte by byte";
  }
}

TEST(RequestParser, TakesNothingFromATrailer) {
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
      "Host: b\r\nAuthorization: Basic x\r\nConnection: close\r\nX-Real-Ip: c\r\n\r\n";
  for (const Outcome& outcome : {parse_at_once(bytes), parse_byte_by_byte(bytes)}) {
    ASSERT_TRUE(outcome.complete) << outcome.reason;
    EXPECT_EQ(outcome.request.headers.at("host"), "a");
    EXPECT_EQ(outcome.request.headers.size(), 2u);
    EXPECT_TRUE(outcome.keep_alive);
  }
}

TEST(RequestParser, NeverRepeatsInputInAReason) {
  for (const std::string bytes :
       {"GET /<script> HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n<script>: a\r\n\r\n",
        "<script> / HTTP/1.1\r\n\r\n", "GET /%<script> HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    const Outcome outcome = parse_at_once(bytes);
    EXPECT_EQ(outcome.reason.find("script"), std::string::npos) << outcome.reason;
  }
}

TEST(RequestParser, BoundsTheHeader) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string end = "\r\n\r\n";
  const size_t padding = kHeaderBytes - start.size() - end.size();
  EXPECT_TRUE(parse_at_once(start + std::string(padding, 'x') + end).complete);
  EXPECT_EQ(parse_at_once(start + std::string(padding + 1, 'x') + end).refused, 431);
  EXPECT_EQ(parse_byte_by_byte(start + std::string(padding + 1, 'x') + end).refused, 431);
  EXPECT_EQ(parse_at_once(std::string(kHeaderBytes + 1, 'x')).refused, 431) << "no line end at all";
}

TEST(RequestParser, BoundsTheHeaderLines) {
  const auto request = [](size_t lines) {
    std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (size_t i = 1; i < lines; ++i)
      bytes += "a:\r\n";
    return bytes + "\r\n";
  };
  EXPECT_TRUE(parse_at_once(request(RequestParser::kHeaderLines)).complete);
  EXPECT_EQ(parse_at_once(request(RequestParser::kHeaderLines + 1)).refused, 431);
}

TEST(RequestParser, BoundsTheBody) {
  const auto by_length = [](size_t size) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'x');
  };
  EXPECT_TRUE(parse_at_once(by_length(kBodyBytes)).complete);
  EXPECT_EQ(parse_at_once(by_length(kBodyBytes + 1)).refused, 413);
  const std::string chunk = "32\r\n" + std::string(50, 'x') + "\r\n";
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(parse_at_once(chunked + chunk + chunk + "0\r\n\r\n").complete);
  EXPECT_EQ(parse_at_once(chunked + chunk + chunk + "1\r\nx\r\n0\r\n\r\n").refused, 413);
}

TEST(RequestParser, BoundsChunkExtensionsAndTrailers) {
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(parse_byte_by_byte(chunked + "1;" + std::string(2 * kHeaderBytes, 'x')).refused, 400);
  std::string trailers = "0\r\n";
  while (trailers.size() < 2 * kHeaderBytes)
    trailers += "Trailer: x\r\n";
  EXPECT_EQ(parse_byte_by_byte(chunked + trailers).refused, 400);
}

}  // namespace
}  // namespace muster::collector::http

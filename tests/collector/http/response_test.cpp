#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "collector/http/error_response.h"
#include "collector/http/gzip.h"
#include "collector/http/response_head.h"
#include "tests/collector/http/gunzip.h"

namespace muster::collector::http {
namespace {

TEST(ResponseHead, CarriesWhatEveryAnswerNeeds) {
  Response response;
  response.content_type = "application/json";
  response.headers = {{"Retry-After", "30"}};
  EXPECT_EQ(
      render_response_head(
          response, {.content_length = 12, .keep_alive = false, .gzip = true, .now = 784111777}),
      "HTTP/1.1 200 OK\r\n"
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "Content-Type: application/json\r\n"
      "Content-Length: 12\r\n"
      "Connection: close\r\n"
      "Content-Encoding: gzip\r\n"
      "Vary: Accept-Encoding\r\n"
      "Cache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
      "Retry-After: 30\r\n"
      "\r\n");
}

TEST(ResponseHead, LeavesOutAHeaderThatWouldEndItsLine) {
  Response response;
  response.headers = {{"X-One", "a\r\nSet-Cookie: b"}, {"X\n-Two", "c"}};
  const std::string head = render_response_head(response, {});
  EXPECT_EQ(head.find("Set-Cookie"), std::string::npos);
  EXPECT_EQ(head.find("Two"), std::string::npos);
}

TEST(ErrorResponse, EscapesWhateverItIsGiven) {
  const Response response = error_response(404, "no host \"<a>\"\n\x01\xff");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            "{\"error\":\"no host \\\"\\u003ca\\u003e\\\"\\n\\u0001\xef\xbf\xbd\"}\n");
}

TEST(ErrorResponse, MapsTheStatusesOfEnrolment) {
  EXPECT_EQ(error_response(absl::InvalidArgumentError("a")).status, 400);
  EXPECT_EQ(error_response(absl::PermissionDeniedError("a")).status, 403);
  EXPECT_EQ(error_response(absl::NotFoundError("a")).status, 404);
  EXPECT_EQ(error_response(absl::InternalError("a")).status, 500);
  const Response busy = error_response(absl::ResourceExhaustedError("a"));
  EXPECT_EQ(busy.status, 503);
  ASSERT_EQ(busy.headers.size(), 1u);
  EXPECT_EQ(busy.headers[0].first, "Retry-After");
}

TEST(Gzip, GivesTheSameBack) {
  std::string long_text;
  for (int i = 0; i < 200000; ++i)
    long_text += "muster_host_info{host=\"web" + std::to_string(i);
  std::string noise;
  for (unsigned i = 0; i < 300000; ++i)
    noise += static_cast<char>((i * 2654435761u) >> 13);
  for (const std::string& text : {std::string(), std::string("a"), long_text, noise}) {
    const std::optional<std::string> packed = gzip(text);
    ASSERT_TRUE(packed.has_value());
    EXPECT_EQ(gunzip(*packed), text);
  }
}

}  // namespace
}  // namespace muster::collector::http

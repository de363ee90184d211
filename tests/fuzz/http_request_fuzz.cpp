// Any bytes to the collector's HTTP port: a request that comes through is whole, bounded and clean,
// and however the bytes are cut into pieces, the answer is the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "collector/http/request_parser.h"
#include "common/text.h"

namespace {

using muster::collector::http::Request;
using muster::collector::http::RequestParser;

constexpr size_t kHeaderBytes = 1024;
constexpr size_t kBodyBytes = 64;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Request& request) {
  require(!request.method.empty() && request.body.size() <= kBodyBytes);
  require(request.path.starts_with('/') && muster::is_valid_utf8(request.path));
  require(request.path.find("//") == std::string::npos);
  require(request.path.find("/../") == std::string::npos && !request.path.ends_with("/.."));
  for (const char c : request.path)
    require(static_cast<unsigned char>(c) >= 0x20);
}

struct Reading {
  // 0: more is wanted; 200: a request came through; else the status it is refused with.
  int status = 0;
  std::string body;
  // Bytes that belong to the next request.
  size_t left = 0;
};

Reading feed_all(std::string_view bytes, size_t piece) {
  RequestParser parser(kHeaderBytes, kBodyBytes);
  std::string input;
  while (!bytes.empty() && !parser.complete() && !parser.refusal()) {
    input += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    parser.feed(input);
  }
  if (parser.refusal()) return {.status = parser.refusal()->status, .body = {}, .left = 0};
  if (!parser.complete()) return {};
  Request request = parser.take();
  check(request);
  return {.status = 200, .body = std::move(request.body), .left = input.size() + bytes.size()};
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Reading at_once = feed_all(bytes, bytes.size());
  const Reading in_pieces = feed_all(bytes, 3);
  // Which of several faults is named depends on what is there yet; whether one is does not.
  require((at_once.status == 200) == (in_pieces.status == 200));
  require(at_once.body == in_pieces.body && at_once.left == in_pieces.left);
  return 0;
}

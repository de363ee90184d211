// Any bytes to the collector's HTTP port: a request that comes through is whole, bounded and clean,
// and however the bytes are cut into pieces, the answer is the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

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

// 0: more is wanted; 200: a request came through; else the status it is refused with.
int feed_all(std::string_view bytes, size_t piece) {
  RequestParser parser(kHeaderBytes, kBodyBytes);
  std::string input;
  while (!bytes.empty() && !parser.complete() && !parser.refusal()) {
    input += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    parser.feed(input);
  }
  if (parser.refusal()) return parser.refusal()->status;
  if (!parser.complete()) return 0;
  check(parser.take());
  return 200;
}

}  // namespace

// libFuzzer gives the name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const int at_once = feed_all(bytes, bytes.size());
  const int in_pieces = feed_all(bytes, 3);
  // Which of several faults is named depends on what is there yet; whether one is does not.
  require((at_once == 200) == (in_pieces == 200));
  return 0;
}

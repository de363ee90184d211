// Beast 1.81 asserts that the end of a chunked body does not arrive byte by byte, which is the
// peer's to decide; the code behind the assertion copes. Only this file includes Beast.
#define BOOST_DISABLE_ASSERTS

#include "collector/http/request_parser.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>

#include "collector/http/target.h"

namespace muster::collector::http {
namespace {

namespace beast_http = boost::beast::http;

// Fields that must not come twice: two readers could each believe another one.
constexpr std::array<std::string_view, 7> kOnlyOnce = {
    "host",   "content-length", "transfer-encoding", "content-type",
    "expect", "authorization",  "content-encoding"};

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

struct RequestParser::State {
  State(size_t header_bytes, size_t body_bytes) : header_limit(header_bytes) {
    // The gate below has the header's bytes counted before Beast sees them.
    parser.header_limit(static_cast<std::uint32_t>(header_bytes + 4));
    parser.body_limit(body_bytes);
    parser.eager(false);
    parser.on_chunk_header(check_chunk);
  }

  const size_t header_limit;
  // Bytes of the header already looked at.
  size_t scanned = 0;
  beast_http::request_parser<beast_http::string_body> parser;
  Request request;
  std::optional<Refusal> refusal;
  // As the header said it: a trailer has no say.
  bool keep_alive = false;
  // Ends the parsing of a chunk whose extension has what could be read as the end of its line.
  std::function<void(std::uint64_t, boost::beast::string_view, boost::system::error_code&)>
      check_chunk = [](std::uint64_t, boost::beast::string_view extensions,
                       boost::system::error_code& error) {
        const bool control = std::any_of(extensions.begin(), extensions.end(), [](unsigned char c) {
          return (c < 0x20 && c != '\t') || c == 0x7f;
        });
        error = control ? make_error_code(beast_http::error::bad_chunk_extension)
                        : boost::system::error_code();
      };

  void refuse(int status, std::string reason) {
    if (!refusal) refusal = Refusal{status, std::move(reason)};
  }

  // Whether the whole header is in `input`, looking at each byte once.
  bool scan_header(const std::string& input);
  void check_header();
  void parse(std::string& input);
};

// What Beast lets through: obsolete line folding, which it unfolds. And what would only be refused
// once the header ends: control characters, a lone CR or LF, a TLS handshake on a plain port.
bool RequestParser::State::scan_header(const std::string& input) {
  for (; scanned < input.size(); ++scanned) {
    if (scanned == header_limit) {
      refuse(431, "the request's header is too large");
      return false;
    }
    const auto c = static_cast<unsigned char>(input[scanned]);
    const char before = scanned > 0 ? input[scanned - 1] : '\0';
    if ((c == '\n') != (before == '\r')) {
      refuse(400, "a line of the request's header does not end with CR LF");
      return false;
    }
    if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f) {
      refuse(400, "the request's header has a control character");
      return false;
    }
    if (before == '\n' && (c == ' ' || c == '\t')) {
      refuse(400, "a line of the request's header is folded");
      return false;
    }
    if (c == '\n' && scanned >= 3 && input[scanned - 2] == '\n') {
      ++scanned;
      return true;
    }
  }
  return false;
}

void RequestParser::State::check_header() {
  const auto& message = parser.get();
  size_t lines = 0;
  for (const auto& field : message) {
    if (++lines > kHeaderLines) return refuse(431, "the request's header has too many lines");
    std::string name = absl::AsciiStrToLower(
        absl::string_view(field.name_string().data(), field.name_string().size()));
    const std::string_view value = view(field.value());
    const auto [entry, added] = request.headers.try_emplace(std::move(name), value);
    if (added) continue;
    if (std::find(kOnlyOnce.begin(), kOnlyOnce.end(), entry->first) != kOnlyOnce.end()) {
      return refuse(400, "the request has a header twice that must come once: " + entry->first);
    }
    entry->second.append(", ").append(value);
  }
  const bool http11 = message.version() == 11;
  if (http11 && !request.headers.contains("host")) {
    return refuse(400, "the request has no Host header");
  }
  if (const auto host = request.headers.find("host");
      host != request.headers.end() && !is_authority(host->second)) {
    return refuse(400, "the request's Host is not a host");
  }
  if (const auto length = request.headers.find("content-length");
      length != request.headers.end() &&
      !std::all_of(length->second.begin(), length->second.end(),
                   [](char c) { return c >= '0' && c <= '9'; })) {
    return refuse(400, "the request's Content-Length is not one number");
  }
  if (const auto coding = request.headers.find("transfer-encoding");
      coding != request.headers.end()) {
    if (request.headers.contains("content-length")) {
      return refuse(400, "the request has both Content-Length and Transfer-Encoding");
    }
    if (!http11 || absl::AsciiStrToLower(coding->second) != "chunked") {
      return refuse(400, "the request's Transfer-Encoding is not \"chunked\"");
    }
  }
  if (const auto coding = request.headers.find("content-encoding");
      coding != request.headers.end() && absl::AsciiStrToLower(coding->second) != "identity") {
    return refuse(415, "a compressed request body is not supported");
  }
  if (const auto expect = request.headers.find("expect");
      expect != request.headers.end() && absl::AsciiStrToLower(expect->second) != "100-continue") {
    return refuse(417, "the request expects something other than 100-continue");
  }
  keep_alive = parser.keep_alive();
  request.method = std::string(view(message.method_string()));
  absl::StatusOr<Target> target = parse_target(view(message.target()));
  if (!target.ok()) return refuse(400, std::string(target.status().message()));
  request.path = std::move(target->path);
  request.encoded_slash = target->encoded_slash;
  request.query = std::move(target->query);
}

void RequestParser::State::parse(std::string& input) {
  boost::system::error_code error;
  // Each call takes one part (header, chunk header, piece of the body) or says that it needs more.
  while (!refusal && !parser.is_done()) {
    const bool header_was_done = parser.is_header_done();
    const size_t used = parser.put(boost::asio::buffer(input), error);
    input.erase(0, used);
    if (error == beast_http::error::need_more) {
      // Chunk headers and trailers are not counted by Beast.
      if (parser.is_header_done() && input.size() > header_limit) {
        refuse(400, "the request's chunk header or trailer is too large");
      }
      return;
    }
    if (error == beast_http::error::body_limit) {
      return refuse(413, "the request's body is too large");
    }
    if (error == beast_http::error::header_limit) {
      return refuse(431, "the request's header is too large");
    }
    if (error) return refuse(400, "the request is not valid HTTP/1.1: " + error.message());
    if (!header_was_done && parser.is_header_done()) check_header();
    if (used == 0) return;
  }
}

RequestParser::RequestParser(size_t header_bytes, size_t body_bytes)
    : state_(std::make_unique<State>(header_bytes, body_bytes)) {}
RequestParser::~RequestParser() = default;

void RequestParser::feed(std::string& input) {
  if (state_->refusal || complete()) return;
  if (!header_complete() && !state_->scan_header(input)) return;
  state_->parse(input);
}

bool RequestParser::header_complete() const {
  return state_->parser.is_header_done();
}
bool RequestParser::complete() const {
  return !state_->refusal && state_->parser.is_done();
}
const std::optional<RequestParser::Refusal>& RequestParser::refusal() const {
  return state_->refusal;
}

bool RequestParser::expects_continue() const {
  return header_complete() && !complete() && state_->parser.get().version() == 11 &&
         !header("expect").empty();
}

bool RequestParser::keep_alive() const {
  return complete() && state_->keep_alive;
}

bool RequestParser::is_head() const {
  return state_->request.method == "HEAD";
}

std::string_view RequestParser::header(std::string_view lower_case_name) const {
  const auto entry = state_->request.headers.find(std::string(lower_case_name));
  return entry == state_->request.headers.end() ? std::string_view() : entry->second;
}

Request RequestParser::take() {
  state_->request.body = std::move(state_->parser.get().body());
  return std::move(state_->request);
}

}  // namespace muster::collector::http

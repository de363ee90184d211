// As in collector/http/request_parser.cpp: Beast 1.81 asserts that the end of a chunked body does
// not arrive byte by byte, which is the peer's to decide; the code behind the assertion copes.
#define BOOST_DISABLE_ASSERTS

#include "collector/http_client/response_parser.h"

#include <fmt/format.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "common/text.h"

namespace muster::collector {
namespace {

namespace beast_http = boost::beast::http;
using Parser = beast_http::response_parser<beast_http::string_body>;

std::string text_of(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

struct ResponseParser::State {
  explicit State(size_t body_bytes) : body_limit(body_bytes) { begin(); }

  void begin() {
    parser.emplace();
    parser->header_limit(kHeaderBytes);
    parser->body_limit(body_limit);
    parser->eager(true);
  }

  absl::Status status_of(const boost::system::error_code& error) const {
    if (error == beast_http::error::body_limit) {
      return absl::ResourceExhaustedError(
          fmt::format("the answer is larger than {} bytes", body_limit));
    }
    if (error == beast_http::error::header_limit) {
      return absl::ResourceExhaustedError("the answer's header is too large");
    }
    if (error == beast_http::error::partial_message || error == beast_http::error::end_of_stream) {
      return absl::UnavailableError("the connection ended before the answer did");
    }
    return absl::UnavailableError(
        fmt::format("the answer is not HTTP: {}", printable(error.message(), 200)));
  }

  const size_t body_limit;
  std::optional<Parser> parser;
};

ResponseParser::ResponseParser(size_t body_bytes) : state_(std::make_unique<State>(body_bytes)) {}
ResponseParser::~ResponseParser() = default;

absl::Status ResponseParser::feed(std::string& input) {
  while (!complete() && !input.empty()) {
    boost::system::error_code error;
    const size_t used = state_->parser->put(boost::asio::buffer(input), error);
    input.erase(0, used);
    if (error == beast_http::error::need_more) {
      // Chunk headers and trailers are not counted by Beast.
      if (input.size() <= kHeaderBytes) return absl::OkStatus();
      error = beast_http::error::header_limit;
    }
    if (error) return state_->status_of(error);
    // "100 Continue" and the like come before the answer (RFC 9110, 15.2).
    if (complete() && state_->parser->get().result_int() / 100 == 1) state_->begin();
    if (used == 0) break;
  }
  return absl::OkStatus();
}

absl::Status ResponseParser::finish() {
  if (complete()) return absl::OkStatus();
  boost::system::error_code error = beast_http::error::end_of_stream;
  if (state_->parser->got_some()) state_->parser->put_eof(error = {});
  return error ? state_->status_of(error) : absl::OkStatus();
}

bool ResponseParser::complete() const {
  return state_->parser->is_done();
}

HttpAnswer ResponseParser::take() {
  auto message = state_->parser->release();
  using beast_http::field;
  return {.status = message.result_int(),
          .reason = text_of(message.reason()),
          .content_type = text_of(message[field::content_type]),
          .content_encoding = text_of(message[field::content_encoding]),
          .location = text_of(message[field::location]),
          .body = std::move(message.body())};
}

}  // namespace muster::collector

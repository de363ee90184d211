// Bytes of one HTTP/1 request to a Request, strictly: what two parsers could read in two ways (the
// shapes of request smuggling) is refused. Knows no socket. Boost.Beast does the grammar; what it
// tolerates is refused before or after it. An object reads one request, on one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/http/message.h"

namespace muster::collector::http {

class RequestParser {
 public:
  // Header lines; a client that means well has a dozen.
  static constexpr size_t kHeaderLines = 100;

  // Bytes of the header up to its empty line, and of the body after its chunks are joined.
  RequestParser(size_t header_bytes, size_t body_bytes);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Takes from the front of `input` what belongs to this request and erases it there; what follows
  // (a pipelined request) stays. Call again with more appended until complete() or refusal().
  void feed(std::string& input);

  // True once the header is whole; until then nothing but refusal() means anything.
  bool header_complete() const;
  bool complete() const;

  struct Refusal {
    int status = 400;
    std::string reason;
  };
  // Set: answer this and close, since what follows cannot be told apart.
  const std::optional<Refusal>& refusal() const;

  // "Expect: 100-continue" was asked and the body is still missing.
  bool expects_continue() const;
  bool keep_alive() const;
  bool is_head() const;
  // The header's value, empty if there is none. Valid once the header is complete.
  std::string_view header(std::string_view lower_case_name) const;

  // The request, once complete. Peer and provenance are the caller's to fill in.
  Request take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace muster::collector::http

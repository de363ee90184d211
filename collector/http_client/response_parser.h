// Bytes of one HTTP/1 response to an HttpAnswer, bounded. Knows no socket. Boost.Beast does the
// grammar. An object reads one response, on one thread.
#pragma once

#include <absl/status/status.h>

#include <memory>
#include <string>

#include "collector/http_client/http_answer.h"

namespace muster::collector {

class ResponseParser {
 public:
  static constexpr size_t kHeaderBytes = 16 * 1024;

  // `body_bytes`: of the body, after its chunks are joined.
  explicit ResponseParser(size_t body_bytes);
  ~ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  // Takes from the front of `input` what it can, and erases it there; call again with more appended
  // until complete(). ResourceExhausted: larger than its bounds. Unavailable: not HTTP.
  absl::Status feed(std::string& input);
  // The connection ended in good order. Unavailable if that is in the middle of the response.
  absl::Status finish();
  bool complete() const;

  // Once complete.
  HttpAnswer take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace muster::collector

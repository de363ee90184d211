// An HTTP request and its answer, as plain values: what a server hands to a handler and what a
// client gets back.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace muster::collector::http {

class SharedBody;

struct Request {
  std::string method;
  // Decoded and normalized: starts with '/', no "..", no empty segments, no NUL.
  std::string path;
  // Where in it the first '/' is that came as an escape; npos: none did.
  size_t encoded_slash = std::string::npos;
  // Decoded, in order.
  std::vector<std::pair<std::string, std::string>> query;
  // Lower-case names.
  std::map<std::string, std::string> headers;
  std::string body;
  // Text of the peer's address; "unix" on the administration socket.
  std::string peer;
  bool from_loopback = false;
  bool from_administration_socket = false;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  // The body instead of `body`, where there is one: many answers that are the same hold it once.
  std::shared_ptr<SharedBody> shared_body = nullptr;
};

// Must be called exactly once, from any thread; a second call is ignored, none at all is answered
// with 503 when the last copy is destroyed.
using Respond = std::function<void(Response)>;
using Handler = std::function<void(Request, Respond)>;

}  // namespace muster::collector::http

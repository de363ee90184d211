#include "collector/http/response_head.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace muster::collector::http {
namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

bool is_safe(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c >= 0x20 && c != 0x7f) || c == '\t'; });
}

}  // namespace

std::string render_response_head(const Response& response, const ResponseHead& head) {
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view value) {
    if (is_safe(name) && is_safe(value)) {
      fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
    }
  };
  fmt::format_to(std::back_inserter(text), "HTTP/1.1 {} {}\r\n", response.status,
                 reason_phrase(response.status));
  // RFC 9110, 5.6.7. fmt's names of days and months are those of the C locale unless it is told
  // otherwise.
  add("Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(head.now)));
  add("Content-Type", response.content_type);
  add("Content-Length", fmt::format("{}", head.content_length));
  add("Connection", head.keep_alive ? "keep-alive" : "close");
  if (head.gzip) add("Content-Encoding", "gzip");
  std::string vary = "Accept-Encoding";
  for (const auto& [name, value] : response.headers) {
    if (name == "Vary" && is_safe(value)) vary += ", " + value;
  }
  add("Vary", vary);
  add("Cache-Control", "no-store");
  add("X-Content-Type-Options", "nosniff");
  add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  for (const auto& [name, value] : response.headers) {
    if (name != "Vary") add(name, value);
  }
  text += "\r\n";
  return text;
}

}  // namespace muster::collector::http

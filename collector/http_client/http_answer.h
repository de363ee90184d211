// What a server answered, as plain values.
#pragma once

#include <string>

namespace muster::collector {

struct HttpAnswer {
  unsigned status = 0;
  // As the server says it: "Not Found"; may be empty.
  std::string reason;
  std::string content_type;
  std::string content_encoding;
  // Where a redirection points.
  std::string location;
  std::string body;
};

}  // namespace muster::collector

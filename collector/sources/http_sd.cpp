// The only file with Boost.JSON, which is compiled in here: Debian's package of headers is enough.
#include "collector/sources/http_sd.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>

#include "collector/sources/http_sd_handler.h"
#include "collector/sources/source_text.h"

namespace muster::collector {

absl::Status read_http_sd(std::string_view text, std::string_view name, HttpSdSink& sink) {
  if (absl::Status status = check_source_text(text, name); !status.ok()) return status;
  boost::json::basic_parser<HttpSdHandler> parser{boost::json::parse_options(), sink};
  boost::json::error_code error;
  const size_t consumed = parser.write_some(false, text.data(), text.size(), error);
  const absl::Status& status = parser.handler().status();
  if (!status.ok()) {
    return source_complaint(text, consumed, name, std::string(status.message()));
  }
  if (!error && consumed < text.size()) error = boost::json::error::extra_data;
  if (!error) return status;
  return source_complaint(text, consumed, name, fmt::format("it is not JSON: {}", error.message()));
}

}  // namespace muster::collector

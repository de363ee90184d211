// The only file with Boost.JSON, which is compiled in here: Debian's package of headers is enough.
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>

#include "collector/inventory/http_sd_handler.h"
#include "collector/inventory/inventory_parsers.h"

namespace muster::collector {

absl::StatusOr<Inventory> parse_http_sd_inventory(std::string_view text, std::string_view name) {
  boost::json::basic_parser<HttpSdHandler> parser{boost::json::parse_options()};
  boost::json::error_code error;
  const size_t consumed = parser.write_some(false, text.data(), text.size(), error);
  const HttpSdHandler& handler = parser.handler();
  if (!handler.status().ok()) {
    return inventory_complaint(text, consumed, name, std::string(handler.status().message()));
  }
  if (!error && consumed < text.size()) error = boost::json::error::extra_data;
  if (error) {
    return inventory_complaint(text, consumed, name,
                               fmt::format("it is not JSON: {}", error.message()));
  }
  return parser.handler().take();
}

}  // namespace muster::collector

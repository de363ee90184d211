// What a registry's server says by RDAP. Tests only.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace muster::domains::registry::test {

inline std::string http_answer(std::string_view status, std::string_view body,
                               std::string_view more = "",
                               std::string_view type = "application/rdap+json") {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n{}", status,
                     type, body.size(), more, body);
}

inline const std::string kRecord = R"({"objectClassName":"domain","ldhName":"EXAMPLE.ORG",
  "status":["client transfer prohibited","Locked by us"],
  "events":[{"eventAction":"registration","eventDate":"1995-08-31T04:00:00Z"},
            {"eventAction":"expiration","eventDate":"2027-08-30T04:00:00Z"},
            {"eventAction":"last changed","eventDate":"2026-08-31T07:00:00Z"}],
  "nameservers":[{"ldhName":"NS2.EXAMPLE.NET"},{"ldhName":"ns1.example.net."}],
  "secureDNS":{"delegationSigned":true},
  "entities":[{"roles":["registrar"],"vcardArray":["vcard",[["fn",{},"text","Example Registrar"]]]}]})";

}  // namespace muster::domains::registry::test

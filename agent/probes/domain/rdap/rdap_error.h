// RDAP's error answers (RFC 7480, section 5; RFC 9083, section 6). Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "agent/probes/domain/rdap/rdap_answer.h"
#include "agent/probes/domain/registration.h"

namespace muster::domains::rdap {

struct ErrorAnswer {
  int http_status = 0;
  bool is_json = false;  // by its content type
  bool is_empty = false;
  std::optional<boost::json::object> body;  // unset where it is no JSON object
};

// What an answer with another status than 200 says, or one with "errorCode" in it.
Registration read_error(const ErrorAnswer& answer, Server server);

// Whether a title, or a description, says that the asker asked too often.
bool says_throttled(const std::string& lowered);

}  // namespace muster::domains::rdap

// Whether a WHOIS answer is the record of a domain, says that there is none, or neither. Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "agent/probes/domain/registration.h"
#include "agent/probes/domain/whois/answer_fields.h"

namespace muster::domains::whois {

struct Judgement {
  AnswerKind kind = AnswerKind::kUnreadable;
  bool names_domain = false;  // a field names the domain that was asked for
  std::string reason;         // why it is neither REGISTERED nor FREE; else empty
};

// `found` is what was read from the answer's fields, `domain` in lower case and punycode.
Judgement judge(const Answer& answer, const Registration& found, std::string_view domain);

}  // namespace muster::domains::whois

// What a WHOIS server says in words rather than fields: that there is no such domain, that it is
// asked too often. By phrases and the words around them, so that the terms of use, which speak of
// all of this, say nothing. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster::domains::whois {

struct Said {
  bool free = false;
  // The last sentence that says it; empty: none does.
  std::string reserved;
  std::string throttled;
  std::string refused;
};

// `sentences` are lines; `domain` in lower case. A sentence that names another domain is not about
// this one.
Said said_in(const std::vector<std::string>& sentences, std::string_view domain);

}  // namespace muster::domains::whois

// A WHOIS answer as the fields and sentences it is made of: "key: value", "[key] value", "key.....:
// value", "key<tab>value", values in lines of their own below a heading or their field, and dates
// in sentences
// ("Record expires on 2026-04-03"). What the fields mean is field_names'. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/domain/whois/field_names.h"

namespace muster::domains::whois {

struct Field {
  std::string name;  // as words in lower case: "registry expiry date"
  Meaning meaning = Meaning::kNone;
  Subject subject = Subject::kDomain;
  std::vector<std::string> values;  // of one line each, not empty
  bool below = false;               // its values stood in lines of their own
};

struct Answer {
  std::vector<Field> fields;  // in their order; those without a value are left out
  std::vector<std::string>
      sentences;  // every line, remarks too, trimmed and without its remark's marks
};

inline constexpr size_t kMaxAnswerBytes = size_t{1} << 20;
inline constexpr size_t kMaxLines = 20'000;
inline constexpr size_t kMaxValueBytes = 1024;  // the rest of a longer line is not looked at
inline constexpr size_t kMaxValues = 64;        // of a field; more are left out

// Printable UTF-8, whatever bytes came. Nothing of an answer with more bytes or lines than the
// bounds, as a part of an answer may say the contrary of the whole.
Answer split_answer(std::string_view bytes);

}  // namespace muster::domains::whois

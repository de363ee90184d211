// Walks DER one value after the other without decoding it, by OpenSSL's reading of tags and
// lengths: for what is too large, or too often, to be made into objects. Lengths are definite.
// Pure.
#pragma once

#include <string_view>

namespace muster::tls {

struct DerValue {
  // With tag and length.
  std::string_view whole = {};
  std::string_view content = {};
};

class DerReader {
 public:
  explicit DerReader(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  // False once something was not there that was taken: then all else is empty.
  bool ok() const { return ok_; }
  // Whether the next is of that universal type.
  bool next_is(int tag) const;
  // The next, which must be of that universal type.
  DerValue take(int tag);
  // The next if it is [number]; else an empty one, and nothing is taken.
  DerValue take_context(int number);

 private:
  struct Head {
    int tag = -1;
    // V_ASN1_UNIVERSAL or V_ASN1_CONTEXT_SPECIFIC, as of OpenSSL.
    int type = -1;
    DerValue value = {};
  };
  Head head() const;
  DerValue advance(const DerValue& value);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace muster::tls

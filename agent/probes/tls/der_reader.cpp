#include "agent/probes/tls/der_reader.h"

#include <openssl/asn1.h>
#include <openssl/err.h>

#include <limits>

namespace muster::tls {

DerReader::Head DerReader::head() const {
  if (rest_.empty() || rest_.size() > size_t{std::numeric_limits<int>::max()}) return {};
  const auto* const begin = reinterpret_cast<const unsigned char*>(rest_.data());
  const unsigned char* cursor = begin;
  long length = 0;
  Head head;
  const int flags =
      ASN1_get_object(&cursor, &length, &head.tag, &head.type, static_cast<long>(rest_.size()));
  // 0x80: cut off or no DER. 1: of indefinite length.
  if ((flags & 0x80) != 0 || (flags & 1) != 0) {
    ERR_clear_error();
    return {};
  }
  const auto prefix = static_cast<size_t>(cursor - begin);
  head.value.whole = rest_.substr(0, prefix + static_cast<size_t>(length));
  head.value.content = head.value.whole.substr(prefix);
  return head;
}

DerValue DerReader::advance(const DerValue& value) {
  rest_.remove_prefix(value.whole.size());
  return value;
}

bool DerReader::next_is(int tag) const {
  const Head next = head();
  return next.tag == tag && next.type == V_ASN1_UNIVERSAL;
}

DerValue DerReader::take(int tag) {
  const Head next = head();
  if (next.tag == tag && next.type == V_ASN1_UNIVERSAL) return advance(next.value);
  ok_ = false;
  rest_ = {};
  return {};
}

DerValue DerReader::take_context(int number) {
  const Head next = head();
  const bool is_it = next.tag == number && next.type == V_ASN1_CONTEXT_SPECIFIC;
  return is_it ? advance(next.value) : DerValue{};
}

}  // namespace muster::tls

// Finds the PEM blocks (RFC 7468) of a text without decoding any, so that what reads certificates
// steps over the private key beside them. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace muster {

struct PemBlock {
  // "CERTIFICATE", "EC PRIVATE KEY": what stands between "-----BEGIN " and "-----".
  std::string_view label;
  // From the BEGIN line through the END line of the same label. Where that is missing: up to the
  // next BEGIN line or the end of the text.
  std::string_view text;
};

// The blocks whose BEGIN line starts a line, in order; views into `text`.
std::vector<PemBlock> find_pem_blocks(std::string_view text);

}  // namespace muster

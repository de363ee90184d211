// Any bytes as the facts of a package manager: the view says what protobuf's parser says.
#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <cstdlib>

#include "tests/common/policy/view_oracle.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // protobuf says of every damaged text that it is.
  const google::protobuf::LogSilencer quiet;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!muster::policy::difference_of_view(bytes).empty()) std::abort();
  return 0;
}

// A certificate as an authority of UEFI, made for tests: "Example UEFI CA 2023", until 2041-11-23.
#pragma once

#include <string>

#include "common/files.h"

namespace muster::test {

inline constexpr const char* kExampleFingerprint =
    "6341e96a7f551de363149d568ec745a800c3f6b356bbb31a6907f7c887863b88";

// DER.
inline std::string example_authority() {
  return read_file(MUSTER_SOURCE_DIRECTORY "/tests/agent/probes/firmware/example_uefi_ca.der", 4096)
      .value();
}

}  // namespace muster::test

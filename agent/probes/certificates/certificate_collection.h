// Gathers what the search finds into the facts, within the size that a section may have. What does
// not fit is counted and said, and what comes after it still has its chance. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "muster/v1/certificate_facts.pb.h"

namespace muster {

struct CollectionLimits {
  size_t files = 4096;
  size_t keys = 4096;
  // Serialized files and keys; with the problems the section stays below the 4 MiB that a probe may
  // write.
  size_t bytes = 3 << 20;
  size_t problems = 64;
};

class CertificateCollection {
 public:
  explicit CertificateCollection(CollectionLimits limits) : limits_(limits) {}

  void add_file(v1::CertificateFile file);
  void add_key(v1::KeyFile key);
  void add_problem(v1::CertificateFile problem);
  // The uses and unread configurations of these, which are bounded already.
  void add_uses(const v1::CertificateFacts& configured);

  // The facts, by path in byte order, each file with its key. Call it once, at the end.
  v1::CertificateFacts finish();

 private:
  const CollectionLimits limits_;
  v1::CertificateFacts facts_;
  size_t bytes_ = 0;
  std::string first_omitted_;
  std::string first_omitted_key_;
  uint32_t keys_omitted_ = 0;
  uint32_t problems_omitted_ = 0;
};

}  // namespace muster

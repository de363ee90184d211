// What the looks of one run have found out about chains: hundreds of endpoints serve the same few,
// and to decode one and check its signatures costs as much as the handshake. What it is asked again
// it knows; it forgets all where it would grow without bound. One thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/probes/tls/chain_verification.h"

namespace muster::tls {

class ServedChains {
 public:
  // Of chains; larger ones than this are never kept.
  static constexpr size_t kMostKept = 64;
  static constexpr size_t kLargestKept = size_t{32} << 10;
  static constexpr size_t kMostNamesKept = 1024;

  // `store` outlives it.
  explicit ServedChains(const TrustStore& store) : store_(store) {}

  // As describe_chain.
  v1::ServedChain describe(const std::vector<std::string>& chain, size_t omitted);
  // As certificate_names.
  bool names(const std::string& certificate, const std::string& server_name);

  size_t kept() const { return chains_.size(); }
  size_t names_kept() const { return names_.size(); }

 private:
  const TrustStore& store_;
  // By all that their answers depend on.
  std::map<std::pair<std::vector<std::string>, size_t>, v1::ServedChain> chains_;
  std::map<std::pair<std::string, std::string>, bool> names_;
};

}  // namespace muster::tls

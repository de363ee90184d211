#include "agent/probes/tls/served_chains.h"

#include "common/digest.h"

namespace muster::tls {

v1::ServedChain ServedChains::describe(const std::vector<std::string>& chain, size_t omitted) {
  size_t size = 0;
  for (const std::string& certificate : chain)
    size += certificate.size();
  if (size > kLargestKept) return describe_chain(chain, omitted, store_);
  const auto key = std::pair(chain, omitted);
  if (const auto known = chains_.find(key); known != chains_.end()) return known->second;
  if (chains_.size() == kMostKept) chains_.clear();
  return chains_.emplace(key, describe_chain(chain, omitted, store_)).first->second;
}

bool ServedChains::names(const std::string& certificate, const std::string& server_name) {
  // The digest stands for the certificate: there may be many names of one.
  const auto key = std::pair(sha256(certificate), server_name);
  if (const auto known = names_.find(key); known != names_.end()) return known->second;
  if (names_.size() == kMostNamesKept) names_.clear();
  return names_.emplace(key, certificate_names(certificate, server_name)).first->second;
}

}  // namespace muster::tls

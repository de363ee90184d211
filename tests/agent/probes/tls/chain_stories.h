// Chains as servers send them, good then bad, with what each is worth: for the table of
// chain_verification_test.cpp, and for what the openssl program says of the same bytes.
#pragma once

#include <string>
#include <vector>

#include "muster/v1/tls_facts.pb.h"

namespace muster::tls::test {

struct ChainStory {
  std::string name;
  // DER.
  std::vector<std::string> served;
  // PEM.
  std::string store;
  v1::ChainTrust trust = v1::CHAIN_TRUST_TRUSTED;
  // All of trust_detail.
  std::string detail = {};
  bool misordered = false;
  // Whether `openssl verify` says something else, since it takes one path only or looks at no
  // purpose.
  bool openssl_differs = false;
};

std::vector<ChainStory> chain_stories();

}  // namespace muster::tls::test

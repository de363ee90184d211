// A BIO between OpenSSL and whoever has the socket: it reads from bytes that came, where they lie,
// and keeps what has to be sent. No system call; one thread.
#pragma once

#include <openssl/bio.h>

#include <string>
#include <string_view>

namespace muster::tls {

struct MemoryTransport {
  // What came and was not read yet. It must outlive the reading.
  std::string_view incoming;
  // What is to be sent.
  std::string outgoing;
};

// Null if there is no memory. `transport` outlives it; who gets it frees it.
BIO* make_bio(MemoryTransport& transport);

}  // namespace muster::tls

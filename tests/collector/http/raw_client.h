// A client that sends exactly the bytes it is given and shows exactly what comes back; with TLS or
// without. Blocks, for at most 30 seconds a read.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace muster::collector::http {

class RawClient {
 public:
  // "127.0.0.1:1", "[::1]:1" or the path of a Unix socket; `source` is the address to come from.
  explicit RawClient(const std::string& address, const std::string& source = "");
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // The protocol's name ("TLSv1.3"), or "" if it was refused. `protocols` is in ALPN's wire form.
  std::string start_tls(int max_version = 0, std::string_view protocols = "");
  std::string alpn() const;

  // False if the server has closed.
  bool send(std::string_view bytes);
  // Everything up to the end.
  std::string receive_all();
  // What comes first, without waiting for more.
  std::string receive_some();
  // One answer: head, and as much body as it says. "" at the end.
  std::string receive_answer(bool without_body = false);
  // Nothing more will be sent.
  void finish_sending();

 private:
  long read_some(char* data, size_t size);
  int descriptor_ = -1;
  std::string received_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
};

// Sends one request on a connection of its own and reads up to its end.
std::string exchange(const std::string& address, std::string_view bytes);

int status_of(std::string_view answer);
std::string body_of(const std::string& answer);

// A self-signed certificate for localhost and its key, new.
struct SelfSigned {
  std::string certificate;
  std::string key;
};
SelfSigned make_self_signed();

}  // namespace muster::collector::http

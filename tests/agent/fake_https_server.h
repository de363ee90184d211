// An HTTPS server for one connection, in a thread of its own, on loopback. Blocking OpenSSL: small,
// and not the code under test.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "common/address.h"
#include "tests/agent/test_certificates.h"

namespace muster::agent {

class FakeHttpsServer {
 public:
  // `answer` takes the whole request and gives the whole response; an empty one leaves the client
  // waiting until it goes. A `proxy_answer` is given, before TLS, to what a proxy would be asked.
  FakeHttpsServer(const TestCertificate& certificate, const TestCertificate& ca,
                  std::function<std::string(const std::string&)> answer,
                  std::string proxy_answer = {})
      : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
        answer_(std::move(answer)),
        proxy_answer_(std::move(proxy_answer)) {
    // OpenSSL writes to clients that have gone away.
    ::signal(SIGPIPE, SIG_IGN);
    SSL_CTX_use_certificate(context_.get(), certificate.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), certificate.key.get());
    SSL_CTX_add1_chain_cert(context_.get(), ca.certificate.get());
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 1) != 0) {
      std::abort();
    }
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = {"127.0.0.1", ntohs(address.sin_port)};
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeHttpsServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  FakeHttpsServer(const FakeHttpsServer&) = delete;
  FakeHttpsServer& operator=(const FakeHttpsServer&) = delete;

  const Address& address() const { return address_; }
  // What came in; to be read once the client is done.
  std::string request() {
    ::shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([] {});
    return request_;
  }
  std::string proxy_request() {
    request();
    return proxy_request_;
  }

 private:
  void serve() {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    if (!proxy_answer_.empty()) {
      char byte = 0;
      while (proxy_request_.find("\r\n\r\n") == std::string::npos &&
             ::recv(connection, &byte, 1, 0) == 1) {
        proxy_request_ += byte;
      }
      ::send(connection, proxy_answer_.data(), proxy_answer_.size(), MSG_NOSIGNAL);
    }
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(tls.get(), connection);
    if (SSL_accept(tls.get()) == 1) {
      while (!is_complete()) {
        std::string block(65536, '\0');
        const int count = SSL_read(tls.get(), block.data(), static_cast<int>(block.size()));
        if (count <= 0) break;
        request_.append(block, 0, static_cast<size_t>(count));
      }
      const std::string response = is_complete() ? answer_(request_) : "";
      if (response.empty()) {
        char byte = 0;
        SSL_read(tls.get(), &byte, 1);
      } else {
        SSL_write(tls.get(), response.data(), static_cast<int>(response.size()));
        SSL_shutdown(tls.get());
      }
    }
    ::close(connection);
  }

  bool is_complete() const {
    const size_t head = request_.find("\r\n\r\n");
    const size_t length = request_.find("Content-Length: ");
    if (head == std::string::npos || length == std::string::npos) return false;
    return request_.size() >= head + 4 + std::stoul(request_.substr(length + 16));
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::function<std::string(const std::string&)> answer_;
  std::string proxy_answer_;
  int listener_ = -1;
  Address address_;
  std::string request_;
  std::string proxy_request_;
  std::thread thread_;
};

inline std::string http_response(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Some Reason\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace muster::agent

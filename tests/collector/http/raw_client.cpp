#include "tests/collector/http/raw_client.h"

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "collector/http/address.h"
#include "common/openssl.h"

namespace muster::collector::http {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress socket_address(const std::string& text) {
  SocketAddress address;
  if (text.front() == '/') {
    auto* local = reinterpret_cast<sockaddr_un*>(&address.storage);
    local->sun_family = AF_UNIX;
    std::memcpy(local->sun_path, text.data(), std::min(text.size(), sizeof local->sun_path - 1));
    address.size = sizeof *local;
    return address;
  }
  const auto parsed = parse_listen_address(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  if (parsed->is_v6) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(parsed->port);
    ::inet_pton(AF_INET6, parsed->host.c_str(), &v6->sin6_addr);
    address.size = sizeof *v6;
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(parsed->port);
    ::inet_pton(AF_INET, parsed->host.c_str(), &v4->sin_addr);
    address.size = sizeof *v4;
  }
  return address;
}

}  // namespace

RawClient::RawClient(const std::string& address, const std::string& source) {
  const SocketAddress peer = socket_address(address);
  descriptor_ = ::socket(peer.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 30, .tv_usec = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (!source.empty()) {
    const SocketAddress from = socket_address(source);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&from.storage), from.size), 0);
  }
  EXPECT_EQ(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&peer.storage), peer.size), 0)
      << address << ": " << std::strerror(errno);
}

RawClient::~RawClient() {
  tls_.reset();
  ::close(descriptor_);
}

std::string RawClient::start_tls(int max_version, std::string_view protocols) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  // Whatever the machine's OpenSSL configuration says about the least version.
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), max_version);
  tls_.reset(SSL_new(context_.get()));
  SSL_set_fd(tls_.get(), descriptor_);
  if (!protocols.empty()) {
    SSL_set_alpn_protos(tls_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  }
  return SSL_connect(tls_.get()) == 1 ? SSL_get_version(tls_.get()) : "";
}

std::string RawClient::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

long RawClient::read_some(char* data, size_t size) {
  return tls_ ? SSL_read(tls_.get(), data, static_cast<int>(size))
              : ::recv(descriptor_, data, size, 0);
}

std::string RawClient::receive_all() {
  char buffer[64 * 1024];
  for (;;) {
    const long count = read_some(buffer, sizeof buffer);
    EXPECT_FALSE(count < 0 && errno == EAGAIN) << "the server neither answers nor closes";
    if (count <= 0) return std::move(received_);
    received_.append(buffer, static_cast<size_t>(count));
  }
}

std::string RawClient::receive_some() {
  char buffer[4096];
  const long count = read_some(buffer, sizeof buffer);
  EXPECT_GT(count, 0);
  received_.append(buffer, static_cast<size_t>(std::max(count, 0L)));
  return received_;
}

std::string RawClient::receive_answer(bool without_body) {
  char buffer[64 * 1024];
  for (;;) {
    const size_t end = received_.find("\r\n\r\n");
    if (end != std::string::npos) {
      size_t length = 0;
      const std::string_view name = "Content-Length: ";
      const size_t at = received_.find(name);
      if (at < end && !without_body) {
        const size_t value = at + name.size();
        EXPECT_TRUE(absl::SimpleAtoi(received_.substr(value, received_.find('\r', value) - value),
                                     &length));
      }
      if (received_.size() >= end + 4 + length) {
        std::string answer = received_.substr(0, end + 4 + length);
        received_.erase(0, answer.size());
        return answer;
      }
    }
    const long count = read_some(buffer, sizeof buffer);
    EXPECT_FALSE(count < 0 && errno == EAGAIN) << "the server neither answers nor closes";
    if (count <= 0) return "";
    received_.append(buffer, static_cast<size_t>(count));
  }
}

void RawClient::finish_sending() {
  ::shutdown(descriptor_, SHUT_WR);
}

std::string exchange(const std::string& address, std::string_view bytes) {
  RawClient client(address);
  client.send(bytes);
  client.finish_sending();
  return client.receive_all();
}

int status_of(std::string_view answer) {
  int status = 0;
  if (!answer.starts_with("HTTP/1.1 ") || answer.size() < 12 ||
      !absl::SimpleAtoi(absl::string_view(answer.data() + 9, 3), &status)) {
    return 0;
  }
  return status;
}

std::string body_of(const std::string& answer) {
  const size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

SelfSigned make_self_signed() {
  const EvpPkeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  SelfSigned result;
  const BioPtr text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(text.get(), certificate.get());
  result.certificate = bio_content(text.get());
  const BioPtr key_text(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  result.key = bio_content(key_text.get());
  return result;
}

}  // namespace muster::collector::http

#include "tests/agent/probes/tls/tls_server.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "tests/common/certificate_maker.h"

namespace muster::tls::test {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Stream = asio::ssl::stream<Tcp::socket>;

X509Ptr parse(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return X509Ptr(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
}

int staple(SSL* connection, void* response) {
  const auto& bytes = *static_cast<const std::string*>(response);
  if (bytes.empty()) return SSL_TLSEXT_ERR_NOACK;
  // OpenSSL frees it.
  void* const copy = OPENSSL_memdup(bytes.data(), bytes.size());
  SSL_set_tlsext_status_ocsp_resp(connection, static_cast<unsigned char*>(copy), bytes.size());
  return SSL_TLSEXT_ERR_OK;
}

void set_up(SSL_CTX* context, const ServedCertificate& served, const ServerSpec& spec) {
  SSL_CTX_set_security_level(context, 0);
  EXPECT_EQ(SSL_CTX_set_min_proto_version(context, spec.lowest), 1);
  EXPECT_EQ(SSL_CTX_set_max_proto_version(context, spec.highest), 1);
  EXPECT_EQ(SSL_CTX_use_certificate(context, parse(served.chain.front()).get()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context, served.key.get()), 1);
  for (size_t i = 1; i < served.chain.size(); ++i)
    EXPECT_EQ(SSL_CTX_add_extra_chain_cert(context, parse(served.chain[i]).release()), 1);
  if (spec.client != ServerSpec::Client::kNotAsked) {
    const bool is_required = spec.client == ServerSpec::Client::kRequired;
    SSL_CTX_set_verify(context,
                       SSL_VERIFY_PEER | (is_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       [](int, X509_STORE_CTX*) { return 1; });
  }
}

}  // namespace

struct TlsServer::State : std::enable_shared_from_this<TlsServer::State> {
  struct Connection {
    Connection(Tcp::socket socket, asio::ssl::context& context)
        : stream(std::move(socket), context) {}
    Stream stream;
    std::array<char, 512> ignored{};
  };

  State(asio::io_context& io, const ServerSpec& wanted, const Tcp::endpoint& endpoint)
      : spec(wanted), acceptor(io, endpoint), context(asio::ssl::context::tls_server) {}

  void accept() {
    acceptor.async_accept(
        [self = shared_from_this()](const boost::system::error_code& error, Tcp::socket socket) {
          if (error) return;
          ++self->accepted;
          self->serve(std::make_shared<Connection>(std::move(socket), self->context));
          self->accept();
        });
  }

  void serve(const std::shared_ptr<Connection>& connection) {
    asio::async_write(
        connection->stream.next_layer(), asio::buffer(spec.clear_text),
        [self = shared_from_this(), connection](const boost::system::error_code& error, size_t) {
          if (error) return;
          if (!self->spec.closes_before_tls12) return self->shake_hands(connection);
          self->look_at_hello(connection);
        });
  }

  // RFC 5246, 7.4.1.2: behind the headers of record and message is the newest version of a client
  // that is too old to list them.
  void look_at_hello(const std::shared_ptr<Connection>& connection) {
    connection->stream.next_layer().async_receive(
        asio::buffer(connection->ignored), Tcp::socket::message_peek,
        [self = shared_from_this(), connection](const boost::system::error_code& error,
                                                size_t size) {
          constexpr size_t kMinorVersion = 10;
          constexpr char kTls12 = 3;
          // Dropped, it is closed.
          if (error || size <= kMinorVersion || connection->ignored[kMinorVersion] < kTls12) return;
          self->shake_hands(connection);
        });
  }

  void shake_hands(const std::shared_ptr<Connection>& connection) {
    connection->stream.async_handshake(
        asio::ssl::stream_base::server,
        [self = shared_from_this(), connection](const boost::system::error_code& error) {
          if (error) return;
          ++self->completed;
          read_to_the_end(connection);
        });
  }

  static void read_to_the_end(const std::shared_ptr<Connection>& connection) {
    connection->stream.async_read_some(
        asio::buffer(connection->ignored),
        [connection](const boost::system::error_code& error, size_t) {
          if (!error) return read_to_the_end(connection);
          boost::system::error_code ignored;
          connection->stream.next_layer().close(ignored);
        });
  }

  static int choose(SSL* connection, int* /*alert*/, void* state) {
    auto& self = *static_cast<State*>(state);
    const char* const name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    self.server_names.emplace_back(name == nullptr ? "" : name);
    const auto found = self.named.find(self.server_names.back());
    if (found != self.named.end()) SSL_set_SSL_CTX(connection, found->second->native_handle());
    return SSL_TLSEXT_ERR_OK;
  }

  const ServerSpec spec;
  Tcp::acceptor acceptor;
  asio::ssl::context context;
  std::map<std::string, std::unique_ptr<asio::ssl::context>> named;
  std::vector<std::string> server_names;
  int accepted = 0;
  int completed = 0;
};

ServedCertificate make_served(const std::vector<std::string>& names, TimePoint not_after) {
  ServedCertificate served{.chain = {}, .key = muster::test::make_key()};
  const EvpPkeyPtr issuer_key = muster::test::make_key();
  const X509Ptr issuer = muster::test::self_signed(
      {.common_name = "Example Root", .is_authority = true}, issuer_key.get());
  const X509Ptr leaf = muster::test::issued_by(
      {.serial = 2, .not_after = not_after, .subject_alternative_names = names}, served.key.get(),
      issuer.get(), issuer_key.get());
  served.chain = {muster::test::certificate_der(leaf.get()),
                  muster::test::certificate_der(issuer.get())};
  return served;
}

TlsServer::TlsServer(asio::io_context& io, const ServedCertificate& served, const ServerSpec& spec,
                     const std::string& address, uint16_t port)
    : state_(
          std::make_shared<State>(io, spec, Tcp::endpoint(asio::ip::make_address(address), port))) {
  SSL_CTX* const context = state_->context.native_handle();
  set_up(context, served, state_->spec);
  SSL_CTX_set_tlsext_servername_callback(context, &State::choose);
  SSL_CTX_set_tlsext_servername_arg(context, state_.get());
  SSL_CTX_set_tlsext_status_cb(context, &staple);
  SSL_CTX_set_tlsext_status_arg(context, const_cast<std::string*>(&state_->spec.staple));
  state_->accept();
}

TlsServer::~TlsServer() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
}

void TlsServer::serve(const std::string& server_name, const ServedCertificate& served) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  set_up(context->native_handle(), served, state_->spec);
  state_->named[server_name] = std::move(context);
}

uint16_t TlsServer::port() const {
  return endpoint().port();
}

Tcp::endpoint TlsServer::endpoint() const {
  return state_->acceptor.local_endpoint();
}

int TlsServer::accepted() const {
  return state_->accepted;
}

int TlsServer::completed() const {
  return state_->completed;
}

const std::vector<std::string>& TlsServer::server_names() const {
  return state_->server_names;
}

}  // namespace muster::tls::test

#include "collector/http/server.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>

#include "collector/http/address.h"
#include "collector/http/connection.h"
#include "collector/http/connection_group.h"
#include "collector/http/stream.h"
#include "collector/http/tls_context.h"

namespace muster::collector::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using UnixSocket = asio::local::stream_protocol;
using boost::system::error_code;
using TlsContext = std::shared_ptr<asio::ssl::context>;

// After accept failed for want of descriptors or memory: trying on at once would only burn time.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
using UnsentLimit = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;
constexpr int kUnsentBytes = 256 * 1024;

absl::Status listen_error(const std::string& address, std::string_view doing,
                          const error_code& error) {
  const std::string text = fmt::format("{} {}: {}", doing, address, error.message());
  if (error == asio::error::access_denied) return absl::PermissionDeniedError(text);
  if (error == asio::error::address_in_use) return absl::AlreadyExistsError(text);
  return absl::UnavailableError(text);
}

// What accepting coroutines need; shared with them, since they end after the server.
struct Shared {
  explicit Shared(std::shared_ptr<ConnectionGroup> connections) : group(std::move(connections)) {}

  TlsContext tls_context() const {
    const std::lock_guard lock(mutex);
    return tls;
  }

  const std::shared_ptr<ConnectionGroup> group;
  mutable std::mutex mutex;
  // Guarded by mutex; null: plain.
  TlsContext tls;
};

Peer peer_of(const tcp::socket& socket, error_code& error) {
  const tcp::endpoint endpoint = socket.remote_endpoint(error);
  Peer peer;
  if (error) return peer;
  peer.address = canonical_address(endpoint.address().to_string());
  peer.block = address_block(peer.address);
  peer.is_loopback = is_loopback_address(peer.address);
  return peer;
}

Peer peer_of(const UnixSocket::socket& /*socket*/, error_code& /*error*/) {
  return {
      .address = "unix", .block = "unix", .is_loopback = true, .is_administration_socket = true};
}

void set_options(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  // The kernel takes from us what the peer's window has room for and little more: a peer that does
  // not read holds no megabytes there.
  socket.set_option(UnsentLimit(kUnsentBytes), ignored);
}
void set_options(UnixSocket::socket& /*socket*/) {}

template <typename Acceptor>
asio::awaitable<void> accept_all(std::shared_ptr<Shared> shared, std::shared_ptr<Acceptor> acceptor,
                                 asio::io_context::executor_type io) {
  asio::steady_timer pause(acceptor->get_executor());
  while (acceptor->is_open()) {
    error_code error;
    const Connection::Strand strand = asio::make_strand(io);
    const asio::any_io_executor executor = strand;
    auto socket =
        co_await acceptor->async_accept(executor, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      if (!acceptor->is_open()) co_return;
      if (error == asio::error::connection_aborted) continue;
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    const Peer peer = peer_of(socket, error);
    if (error) continue;
    set_options(socket);
    const TlsContext tls = shared->tls_context();
    Stream::Socket generic(std::move(socket));
    auto stream =
        tls ? make_tls_stream(std::move(generic), tls) : make_plain_stream(std::move(generic));
    auto connection = std::make_shared<Connection>(shared->group, strand, std::move(stream), peer);
    if (shared->group->enter(connection.get(), peer.block, peer.is_loopback)) {
      Connection::start(std::move(connection));
    }
  }
}

template <typename Acceptor>
class ServerOn : public Server {
 public:
  ServerOn(asio::io_context& io, std::shared_ptr<Shared> shared)
      : io_(io), shared_(std::move(shared)) {}
  ~ServerOn() override {
    stop_everything();
    // Nobody may work on a connection's body once the io_context can go.
    shared_->group->compressor().join();
  }

  // The acceptor listens already.
  void add(std::shared_ptr<Acceptor> acceptor, std::string address) {
    acceptors_.push_back(std::move(acceptor));
    addresses_.push_back(std::move(address));
  }
  void start() {
    for (const auto& acceptor : acceptors_) {
      asio::co_spawn(acceptor->get_executor(), accept_all(shared_, acceptor, io_.get_executor()),
                     asio::detached);
    }
  }
  // The file that names a Unix socket, removed at the end if it is still the same.
  void own_path(std::string path) {
    path_ = std::move(path);
    if (::lstat(path_.c_str(), &path_stat_) != 0) path_.clear();
  }

  std::vector<std::string> addresses() const override { return addresses_; }

  absl::Status replace_tls(const TlsFiles& tls) override {
    if (!shared_->tls_context()) {
      return absl::FailedPreconditionError("this server speaks no TLS");
    }
    absl::StatusOr<TlsContext> context = make_tls_context(tls);
    if (!context.ok()) return context.status();
    const std::lock_guard lock(shared_->mutex);
    shared_->tls = *std::move(context);
    return absl::OkStatus();
  }

  void stop() override { stop_everything(); }

 private:
  void stop_everything() {
    for (const auto& acceptor : acceptors_) {
      asio::post(acceptor->get_executor(), [acceptor] {
        error_code ignored;
        acceptor->close(ignored);
      });
    }
    acceptors_.clear();
    shared_->group->stop();
    struct stat now {};
    if (!path_.empty() && ::lstat(path_.c_str(), &now) == 0 && now.st_ino == path_stat_.st_ino &&
        now.st_dev == path_stat_.st_dev) {
      ::unlink(path_.c_str());
    }
    path_.clear();
  }

  asio::io_context& io_;
  const std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Acceptor>> acceptors_;
  std::vector<std::string> addresses_;
  std::string path_;
  struct stat path_stat_ {};
};

// "[::]" also takes IPv4 clients, unless the list has an IPv4 address of the same port for them.
bool must_be_v6_only(const ListenAddress& address, const std::vector<ListenAddress>& all) {
  return std::any_of(all.begin(), all.end(), [&address](const ListenAddress& other) {
    return !other.is_v6 && other.port == address.port && address.port != 0;
  });
}

absl::StatusOr<std::shared_ptr<tcp::acceptor>> open_acceptor(asio::io_context& io,
                                                             const ListenAddress& address,
                                                             bool v6_only,
                                                             const std::string& text) {
  error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(address.host, error), address.port);
  if (error) return listen_error(text, "reading the address", error);
  asio::any_io_executor strand = asio::make_strand(io);
  auto acceptor = std::make_shared<tcp::acceptor>(strand);
  acceptor->open(endpoint.protocol(), error);
  if (error) return listen_error(text, "making a socket for", error);
  acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (address.is_v6 && !error) acceptor->set_option(asio::ip::v6_only(v6_only), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(tcp::acceptor::max_listen_connections, error);
  if (error) return listen_error(text, "listening on", error);
  return acceptor;
}

// A socket that nobody listens on is left by a collector that was killed.
absl::Status remove_stale_socket(asio::io_context& io, const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return absl::OkStatus();
  if (!S_ISSOCK(status.st_mode)) {
    return absl::FailedPreconditionError(
        fmt::format("{} is there and is not a socket; move it away", path));
  }
  UnixSocket::socket probe(io);
  error_code error;
  probe.connect(UnixSocket::endpoint(path), error);
  if (!error || error == asio::error::try_again || error == asio::error::would_block) {
    return absl::AlreadyExistsError(
        fmt::format("{} is answered by a collector that runs; stop that one first", path));
  }
  if (::unlink(path.c_str()) != 0) {
    return listen_error(path, "removing the stale socket",
                        error_code(errno, boost::system::system_category()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::listen(asio::io_context& io,
                                                       const std::vector<std::string>& addresses,
                                                       const TlsFiles* tls, Limits limits,
                                                       Handler handler, Observer observer) {
  auto shared = std::make_shared<Shared>(
      std::make_shared<ConnectionGroup>(limits, std::move(handler), std::move(observer)));
  if (tls != nullptr) {
    absl::StatusOr<TlsContext> context = make_tls_context(*tls);
    if (!context.ok()) return context.status();
    shared->tls = *std::move(context);
  }
  std::vector<ListenAddress> parsed;
  for (const std::string& text : addresses) {
    absl::StatusOr<ListenAddress> address = parse_listen_address(text);
    if (!address.ok()) return address.status();
    parsed.push_back(*std::move(address));
  }
  auto server = std::make_unique<ServerOn<tcp::acceptor>>(io, std::move(shared));
  for (size_t i = 0; i < parsed.size(); ++i) {
    auto acceptor = open_acceptor(io, parsed[i], must_be_v6_only(parsed[i], parsed), addresses[i]);
    if (!acceptor.ok()) return acceptor.status();
    error_code error;
    const tcp::endpoint bound = (*acceptor)->local_endpoint(error);
    const std::string host = parsed[i].is_v6 ? "[" + parsed[i].host + "]" : parsed[i].host;
    server->add(*std::move(acceptor), fmt::format("{}:{}", host, bound.port()));
  }
  server->start();
  return server;
}

absl::StatusOr<std::unique_ptr<Server>> Server::listen_unix(asio::io_context& io,
                                                            const std::string& path, Limits limits,
                                                            Handler handler, Observer observer) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return absl::InvalidArgumentError(fmt::format(
        "the socket's path {} must have 1 to {} bytes; choose a shorter state directory", path,
        sizeof(sockaddr_un::sun_path) - 1));
  }
  if (absl::Status status = remove_stale_socket(io, path); !status.ok()) return status;
  error_code error;
  asio::any_io_executor strand = asio::make_strand(io);
  auto acceptor = std::make_shared<UnixSocket::acceptor>(strand);
  acceptor->open(UnixSocket(), error);
  if (!error) acceptor->bind(UnixSocket::endpoint(path), error);
  if (error) return listen_error(path, "listening on", error);
  // Between bind and listen nobody can connect, so the mode is never too wide.
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
    return listen_error(path, "setting the mode of",
                        error_code(errno, boost::system::system_category()));
  }
  acceptor->listen(UnixSocket::acceptor::max_listen_connections, error);
  if (error) return listen_error(path, "listening on", error);
  auto server = std::make_unique<ServerOn<UnixSocket::acceptor>>(
      io, std::make_shared<Shared>(
              std::make_shared<ConnectionGroup>(limits, std::move(handler), std::move(observer))));
  server->own_path(path);
  server->add(std::move(acceptor), path);
  server->start();
  return server;
}

}  // namespace muster::collector::http

#include "agent/probes/network/proxy_tunnel.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "agent/probes/network/boottime_timer.h"
#include "agent/targets/credentials.h"
#include "common/text.h"

namespace muster::network_probe {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
using tcp = asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr size_t kWordsLimit = 256;
constexpr std::string_view kEnd = "\r\n\r\n";

std::string base64(std::string_view text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  encoded.resize(static_cast<size_t>(size));
  return encoded;
}

// "HTTP/1.1 200 Connection established": 200; 0 if it is no status line.
int status_of(std::string_view line) {
  const size_t space = line.find(' ');
  if (!line.starts_with("HTTP/1.") || space == std::string_view::npos) return 0;
  const std::string_view code = line.substr(space + 1, 3);
  const bool digits = code.size() == 3 && std::all_of(code.begin(), code.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
  return digits ? (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0') : 0;
}

}  // namespace

size_t ProxyAnswer::take(std::string_view bytes) {
  const size_t before = answer_.size();
  answer_ += bytes.substr(0, kMostProxyBytes - before);
  const size_t end = answer_.find(kEnd, before - std::min(before, kEnd.size() - 1));
  if (end != std::string::npos) {
    answer_.resize(end + kEnd.size());
    finish();
  } else if (answer_.size() == kMostProxyBytes) {
    state_ = State::kRefused;
    words_ = fmt::format("its answer is longer than {} KiB", kMostProxyBytes >> 10);
  }
  return answer_.size() - before;
}

void ProxyAnswer::finish() {
  constexpr int kSuccess = 200;
  constexpr int kRedirection = 300;
  const std::string_view line = std::string_view(answer_).substr(0, answer_.find("\r\n"));
  const int status = status_of(line);
  state_ = status >= kSuccess && status < kRedirection ? State::kConnected : State::kRefused;
  words_ = status == 0 ? fmt::format("it answers no HTTP: {}", printable(line, kWordsLimit / 2))
                       : printable(line, kWordsLimit);
}

// Of the password there is no copy in memory that was given back: no text with it grows or is
// copied but into the one that is returned, which open_tunnel() cleans.
std::string connect_request(const Address& target, const agent::Credential* credential) {
  const std::string host = target.text();
  std::string request = fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n", host, host);
  if (credential != nullptr && !credential->username.empty()) {
    constexpr std::string_view kField = "Proxy-Authorization: Basic ";
    const std::string_view password = credential->password.reveal();
    std::string words;
    words.reserve(credential->username.size() + 1 + password.size());
    words.append(credential->username).append(":").append(password);
    std::string encoded = base64(words);
    request.reserve(request.size() + kField.size() + encoded.size() + kEnd.size());
    request.append(kField).append(encoded).append("\r\n");
    ::OPENSSL_cleanse(words.data(), words.size());
    ::OPENSSL_cleanse(encoded.data(), encoded.size());
  }
  request.append("\r\n");
  return request;
}

asio::awaitable<Tunnel> open_tunnel(tcp::socket& socket, std::string request, Duration at_most) {
  BoottimeTimer timer(socket.get_executor());
  timer.expires_after(at_most);
  const auto sent = co_await (asio::async_write(socket, asio::buffer(request), kTuple) ||
                              timer.async_wait(kTuple));
  // It may have a password.
  ::OPENSSL_cleanse(request.data(), request.size());
  if (sent.index() != 0) co_return Tunnel{.end = Tunnel::End::kTimedOut};
  if (std::get<0>(std::get<0>(sent))) co_return Tunnel{.end = Tunnel::End::kClosed};
  ProxyAnswer answer;
  std::array<char, 2048> piece{};
  while (answer.state() == ProxyAnswer::State::kIncomplete) {
    const auto came =
        co_await (socket.async_wait(tcp::socket::wait_read, kTuple) || timer.async_wait(kTuple));
    if (came.index() != 0) co_return Tunnel{.end = Tunnel::End::kTimedOut};
    // First looked at: what is behind the answer stays for TLS.
    boost::system::error_code error;
    const size_t seen = socket.receive(asio::buffer(piece), tcp::socket::message_peek, error);
    if (error == asio::error::would_block) continue;
    if (error || seen == 0) co_return Tunnel{.end = Tunnel::End::kClosed};
    const size_t taken = answer.take(std::string_view(piece.data(), seen));
    socket.receive(asio::buffer(piece, taken), 0, error);
  }
  const bool connected = answer.state() == ProxyAnswer::State::kConnected;
  co_return Tunnel{.end = connected ? Tunnel::End::kConnected : Tunnel::End::kRefused,
                   .words = answer.words()};
}

}  // namespace muster::network_probe

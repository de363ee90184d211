// As in collector/http/request_parser.cpp: Beast 1.81 asserts that the end of a chunked body does
// not arrive byte by byte, which is the peer's to decide; the code behind the assertion copes.
#define BOOST_DISABLE_ASSERTS

#include "agent/probes/tls/http_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <utility>

#include "agent/probes/network/boottime_timer.h"
#include "common/text.h"
#include "common/version.h"

namespace muster::tls {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::experimental::awaitable_operators::operator||;
using boost::system::error_code;
using network_probe::BoottimeClock;
using network_probe::BoottimeTimer;
using network_probe::Dial;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr uint16_t kHttpPort = 80;
constexpr size_t kUrlLimit = 1024;
constexpr size_t kUrlShown = 256;
constexpr uint32_t kHeaderLimit = 16 * 1024;
constexpr size_t kPiece = 16 * 1024;
constexpr std::string_view kScheme = "http://";

HttpReply failed(const HttpQuestion& question, std::string_view why, bool is_lasting = true) {
  return {.body = {},
          .failure = fmt::format("{} {}", printable(question.place.url, kUrlShown), why),
          .is_lasting = is_lasting};
}

HttpReply not_reached(const HttpQuestion& question, const Dial& dial) {
  switch (dial.end) {
    case Dial::End::kRefused:
      return failed(question, "refused the connection");
    case Dial::End::kUnreachable:
      return failed(question, "cannot be reached");
    case Dial::End::kTimedOut:
      return failed(question, "did not answer in time", false);
    case Dial::End::kLeaseEnded:
      return failed(question, "was not asked: the lease ended", false);
    default:
      // Says by itself whom it is about.
      return {.body = {}, .failure = dial.why, .is_lasting = true};
  }
}

http::request<http::string_body> request_of(const HttpQuestion& question) {
  const bool posts = !question.body.empty();
  http::request<http::string_body> request(posts ? http::verb::post : http::verb::get,
                                           question.place.target, 11, question.body);
  const Address& address = question.place.address;
  const std::string text = address.text();
  request.set(http::field::host,
              address.port == kHttpPort ? text.substr(0, text.rfind(':')) : text);
  request.set(http::field::user_agent, fmt::format("muster-agent/{}", kVersion));
  request.set(http::field::connection, "close");
  if (posts) request.set(http::field::content_type, question.content_type);
  request.prepare_payload();
  return request;
}

// On a connected socket.
class Exchange {
 public:
  Exchange(asio::ip::tcp::socket& socket, const HttpQuestion& question, SharedMemory& memory)
      : socket_(socket), question_(question), memory_(memory) {
    parser_.header_limit(kHeaderLimit);
    parser_.body_limit(question.largest_answer);
  }
  ~Exchange() { memory_.give(taken_); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  asio::awaitable<HttpReply> run() {
    const http::request<http::string_body> request = request_of(question_);
    const auto [unsent, sent] = co_await http::async_write(socket_, request, kTuple);
    if (unsent) co_return failed(question_, "closed the connection");
    const auto [unread, size] = co_await http::async_read_header(socket_, buffer_, parser_, kTuple);
    if (unread) co_return failed(question_, words_of(unread));
    if (parser_.get().result() != http::status::ok) co_return failed(question_, status_words());
    while (!parser_.is_done()) {
      auto& body = parser_.get().body();
      body.data = piece_.data();
      body.size = piece_.size();
      const auto [error, read] = co_await http::async_read(socket_, buffer_, parser_, kTuple);
      if (error && error != http::error::need_buffer) co_return failed(question_, words_of(error));
      const size_t came = piece_.size() - body.size;
      if (!memory_.take(came)) {
        co_return failed(question_, "and others sent more at once than is held", false);
      }
      taken_ += came;
      answer_.append(piece_.data(), came);
    }
    taken_ = 0;
    co_return HttpReply{.body = std::move(answer_)};
  }

 private:
  std::string words_of(const error_code& error) const {
    if (error == http::error::body_limit) {
      return fmt::format("has an answer of more than {} KiB", question_.largest_answer >> 10);
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return "has an answer with too large a header";
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error.category() == boost::system::system_category() ||
        error.category() == asio::error::get_misc_category()) {
      return "closed the connection before its answer's end";
    }
    return fmt::format("does not answer by HTTP: {}", printable(error.message(), kUrlShown));
  }

  std::string status_words() const {
    const unsigned status = parser_.get().result_int();
    const auto reason = parser_.get().reason();
    return fmt::format("answered {} {}{}", status, printable({reason.data(), reason.size()}, 64),
                       status / 100 == 3 ? ", which is not followed" : "");
  }

  asio::ip::tcp::socket& socket_;
  const HttpQuestion& question_;
  SharedMemory& memory_;
  size_t taken_ = 0;
  http::response_parser<http::buffer_body> parser_;
  boost::beast::flat_buffer buffer_{size_t{kHeaderLimit} + kPiece};
  std::array<char, kPiece> piece_{};
  std::string answer_;
};

}  // namespace

std::optional<HttpPlace> parse_http_place(std::string_view url) {
  const bool is_plain =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!is_plain || url.size() > kUrlLimit || url.size() <= kScheme.size()) return {};
  std::string scheme(url.substr(0, kScheme.size()));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (scheme != kScheme) return {};
  const std::string_view rest = url.substr(kScheme.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::string_view target = rest.substr(authority.size());
  target = target.substr(0, target.find('#'));
  absl::StatusOr<Address> address =
      parse_url(fmt::format("{}{}", kScheme, authority), "http", kHttpPort);
  if (!address.ok()) return {};
  return HttpPlace{
      .address = *std::move(address),
      .url = std::string(url),
      .target = target.starts_with('/') ? std::string(target) : fmt::format("/{}", target)};
}

asio::awaitable<HttpReply> ask_by_http(network_probe::Look& look, HttpQuestion question,
                                       Duration at_most, SharedMemory& memory) {
  const Duration before = look.time_left();
  asio::ip::tcp::socket socket(look.io());
  const Dial dial = co_await look.connect_to(socket, question.place.address, at_most);
  if (dial.end != Dial::End::kConnected) co_return not_reached(question, dial);
  const Duration used = before - look.time_left();
  const auto began = BoottimeClock::now();
  BoottimeTimer timer(look.io());
  timer.expires_after(at_most - std::min(used, at_most));
  Exchange exchange(socket, question, memory);
  auto first = co_await (exchange.run() || timer.async_wait(kTuple));
  look.spend(BoottimeClock::now() - began);
  if (first.index() == 1) co_return failed(question, "did not answer in time", false);
  co_return std::get<0>(std::move(first));
}

}  // namespace muster::tls

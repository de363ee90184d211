// Looks through an HTTP proxy that root names. The proxies here are fakes: they hear what they are
// asked, and answer what the test says; tests/integration/proxy_test.py has a real one.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>

#include "agent/probes/network/proxy_tunnel.h"
#include "tests/agent/probes/network/look_world.h"

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using State = ProxyAnswer::State;

// What is left of `bytes` when they come in pieces of that size.
std::pair<ProxyAnswer, std::string> answered(std::string_view bytes, size_t piece) {
  ProxyAnswer answer;
  while (!bytes.empty() && answer.state() == State::kIncomplete)
    bytes.remove_prefix(answer.take(bytes.substr(0, piece)));
  return {answer, std::string(bytes)};
}

TEST(ProxyAnswer, IsTheSameInAnyPiecesAndLeavesWhatIsTheTargets) {
  const std::string text =
      "HTTP/1.1 200 Connection established\r\nProxy-agent: tinyproxy\r\n\r\n220 mail\r\n\r\n";
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    const auto [answer, rest] = answered(text, piece);
    EXPECT_EQ(answer.state(), State::kConnected) << piece;
    EXPECT_EQ(rest, "220 mail\r\n\r\n") << piece;
  }
}

TEST(ProxyAnswer, IsARefusalByItsStatusLine) {
  const struct {
    std::string text;
    State state;
    std::string words;
  } cases[] = {
      {"HTTP/1.0 204\r\n\r\n", State::kConnected, "HTTP/1.0 204"},
      {"HTTP/1.1 403 Filtered\r\n\r\n", State::kRefused, "HTTP/1.1 403 Filtered"},
      {"HTTP/1.1 407 Who\r\nA: b\r\n\r\n", State::kRefused, "HTTP/1.1 407 Who"},
      {"HTTP/1.1 302 Found\r\n\r\n", State::kRefused, "HTTP/1.1 302 Found"},
      {"HTTP/1.1 20\r\n\r\n", State::kRefused, "it answers no HTTP: HTTP/1.1 20"},
      {"HTTP/2 200\r\n\r\n", State::kRefused, "it answers no HTTP: HTTP/2 200"},
      {"220 \x1b[2J\r\n\r\n", State::kRefused, R"(it answers no HTTP: 220 \x1b[2J)"},
      {"\r\n\r\n", State::kRefused, "it answers no HTTP: "},
      {"HTTP/1.1 200 OK\r\nA: b\r\n", State::kIncomplete, ""},
  };
  for (const auto& test : cases) {
    for (const size_t piece : {size_t{1}, test.text.size()}) {
      const ProxyAnswer answer = answered(test.text, piece).first;
      EXPECT_EQ(answer.state(), test.state) << test.text;
      EXPECT_EQ(answer.words(), test.words);
    }
  }
}

TEST(ProxyAnswer, HasAtMost16KiB) {
  const std::string begin = "HTTP/1.1 200 OK\r\nA: ";
  const std::string most =
      begin + std::string(kMostProxyBytes - begin.size() - 4, 'a') + "\r\n\r\n";
  EXPECT_EQ(answered(most, 1000).first.state(), State::kConnected);
  const auto [answer, rest] = answered(begin + std::string(kMostProxyBytes, 'a'), 1000);
  EXPECT_EQ(answer.state(), State::kRefused);
  EXPECT_EQ(answer.words(), "its answer is longer than 16 KiB");
  EXPECT_LE(answered("HTTP/1.1 500 " + std::string(9000, 'x') + "\r\n\r\n", 9).first.words().size(),
            256);
}

TEST(ConnectRequest, HasTheTargetAndTheProxysCredentials) {
  EXPECT_EQ(connect_request({.host = "a.example", .port = 443}, nullptr),
            "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
  agent::Credential credential;
  credential.username = "Aladdin";
  credential.password = agent::Secret("open sesame");
  EXPECT_THAT(connect_request({.host = "a.example", .port = 443}, &credential),
              HasSubstr("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"));
}

// Answers each connection once it was asked.
class FakeProxy {
 public:
  using Tcp = boost::asio::ip::tcp;
  FakeProxy(boost::asio::io_context& io, std::string answer)
      : acceptor_(io, Tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)),
        answer_(std::move(answer)) {
    accept();
  }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::vector<std::string> asked;

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
      if (error) return;
      socket_ = std::make_unique<Tcp::socket>(std::move(socket));
      socket_->async_read_some(boost::asio::buffer(piece_), [this](const auto& failed, size_t n) {
        if (failed) return;
        asked.emplace_back(piece_.data(), n);
        boost::system::error_code ignored;
        socket_->send(boost::asio::buffer(answer_), 0, ignored);
        if (answer_.empty()) socket_->close(ignored);
        accept();
      });
    });
  }

  Tcp::acceptor acceptor_;
  const std::string answer_;
  std::unique_ptr<Tcp::socket> socket_;
  std::array<char, 4096> piece_{};
};

class ProxyTest : public test::LookWorld {
 protected:
  struct Saw {
    bool is_proxied = false;
    size_t addresses = 0;
    Dial dial;
    // The first bytes behind the proxy's answer.
    std::string next;
  };

  ProxyTest() {
    look_function = [this](Look& look) { return dial(look); };
  }

  void allow_by_proxy(const std::string& name, const std::string& proxy) {
    v1::AllowedTarget& entry = *rules.add_allow();
    entry.add_names(name);
    entry.add_ports(443);
    entry.set_proxy(proxy);
  }

  boost::asio::awaitable<std::optional<v1::Section>> dial(Look& look) {
    boost::asio::ip::tcp::socket socket(look.io());
    Saw one{.is_proxied = look.proxy() != nullptr,
            .addresses = look.addresses().size(),
            .dial = {},
            .next = {}};
    one.dial = co_await look.connect_by_proxy(socket, 5s);
    if (one.dial.end == Dial::End::kConnected) {
      std::array<char, 64> piece{};
      boost::system::error_code ignored;
      one.next.assign(piece.data(), socket.receive(boost::asio::buffer(piece), 0, ignored));
    }
    saw.push_back(std::move(one));
    v1::Section section;
    section.set_outcome(v1::OUTCOME_OBSERVED);
    co_return section;
  }

  std::vector<Saw> saw;
};

TEST_F(ProxyTest, ATargetIsReachedThroughItAndItsNameIsNotLookedUpHere) {
  FakeProxy proxy(io, "HTTP/1.1 200 OK\r\n\r\n220 behind it\r\n");
  hosts["proxy.example"] = {boost::asio::ip::make_address("127.0.0.1")};
  allow_by_proxy("*.example.org", fmt::format("proxy.example:{}", proxy.port()));
  run({look_at("www.example.org:443")});
  ASSERT_THAT(saw, SizeIs(1));
  EXPECT_TRUE(saw[0].is_proxied);
  EXPECT_EQ(saw[0].addresses, 0);
  EXPECT_EQ(saw[0].dial.end, Dial::End::kConnected) << saw[0].dial.why;
  EXPECT_EQ(saw[0].next, "220 behind it\r\n");
  EXPECT_THAT(proxy.asked, ElementsAre(HasSubstr("CONNECT www.example.org:443 HTTP/1.1\r\n")));
  EXPECT_EQ(dns.asked.count("www.example.org"), 0);
}

TEST_F(ProxyTest, WhatItSaysIsToldAndThatItCannotBeReachedIsOurs) {
  FakeProxy refuses(io, "HTTP/1.1 403 Filtered\r\n\r\n");
  FakeProxy closes(io, "");
  const struct {
    std::string proxy;
    Dial::End end;
    std::string why;
  } cases[] = {
      {fmt::format("127.0.0.1:{}", refuses.port()), Dial::End::kProxyRefused,
       fmt::format("the proxy 127.0.0.1:{}: HTTP/1.1 403 Filtered", refuses.port())},
      {fmt::format("127.0.0.1:{}", closes.port()), Dial::End::kFailed,
       fmt::format("the proxy 127.0.0.1:{} closed the connection", closes.port())},
      {"127.0.0.1:1", Dial::End::kFailed, "the proxy 127.0.0.1:1 refuses connections"},
      {"nobody.invalid:3128", Dial::End::kFailed, "the proxy nobody.invalid:3128: "},
  };
  for (const auto& test : cases) {
    rules.clear_allow();
    saw.clear();
    allow_by_proxy("www.example.org", test.proxy);
    run({look_at("www.example.org:443")});
    ASSERT_THAT(saw, SizeIs(1)) << test.proxy;
    EXPECT_EQ(saw[0].dial.end, test.end) << test.proxy;
    EXPECT_THAT(saw[0].dial.why, HasSubstr(test.why));
  }
}

TEST_F(ProxyTest, OnlyWhatTheEntryListsByNameGoesThroughIt) {
  FakeProxy proxy(io, "HTTP/1.1 200 OK\r\n\r\n");
  test::Listener& direct = listen("127.0.0.1");
  allow_by_proxy("www.example.org", fmt::format("127.0.0.1:{}", proxy.port()));
  allow("127.0.0.1", direct.port());
  const auto sections = run({look_at(fmt::format("127.0.0.1:{}", direct.port())),
                             look_at("www.example.com:443"), look_at("www.example.org:444")});
  ASSERT_THAT(saw, SizeIs(1)) << "the two others are not allowed";
  EXPECT_FALSE(saw[0].is_proxied);
  EXPECT_EQ(saw[0].addresses, 1);
  EXPECT_EQ(saw[0].dial.end, Dial::End::kFailed);
  EXPECT_THAT(proxy.asked, IsEmpty());
  // By hand and of one's own nothing does.
  rules.set_anywhere(true);
  hosts["www.example.org"] = {boost::asio::ip::make_address("127.0.0.1")};
  saw.clear();
  run({look_at("www.example.org:443")});
  ASSERT_THAT(saw, SizeIs(1));
  EXPECT_FALSE(saw[0].is_proxied);
}

TEST_F(ProxyTest, AProxyThatIsNoneIsABrokenRule) {
  v1::TargetRules broken;
  broken.add_allow()->set_proxy("proxy.example");
  EXPECT_FALSE(LookRules::create(broken, "tls").ok());
}

}  // namespace
}  // namespace muster::network_probe

// A conversation with a server of the test's, both on one io_context. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <utility>

#include "agent/probes/tls/tls_conversation.h"

namespace muster::tls::test {

inline boost::asio::awaitable<void> converse_into(boost::asio::ip::tcp::socket socket,
                                                  TlsQuestion question, Duration at_most,
                                                  std::optional<TlsConversation>& told) {
  told = co_await converse(socket, question, at_most);
  EXPECT_FALSE(socket.is_open());
}

class ConversationWorld : public testing::Test {
 protected:
  // Begins one with what listens there.
  void begin(const boost::asio::ip::tcp::endpoint& endpoint, const TlsQuestion& question,
             Duration at_most, std::optional<TlsConversation>& told) {
    boost::asio::ip::tcp::socket socket(io);
    socket.connect(endpoint);
    boost::asio::co_spawn(io, converse_into(std::move(socket), question, at_most, told),
                          [](const std::exception_ptr& error) {
                            if (error) std::rethrow_exception(error);
                          });
  }

  TlsConversation ask(const boost::asio::ip::tcp::endpoint& endpoint,
                      const TlsQuestion& question = {},
                      Duration at_most = std::chrono::seconds(60)) {
    std::optional<TlsConversation> told;
    begin(endpoint, question, at_most, told);
    io.restart();
    while (!told && io.run_one() > 0) {
    }
    // What the server is still owed.
    io.poll();
    EXPECT_TRUE(told.has_value());
    return told.value_or(TlsConversation{});
  }

  boost::asio::io_context io{1};
};

}  // namespace muster::tls::test

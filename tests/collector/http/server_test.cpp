#include "collector/http/server.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "collector/http/shared_body.h"
#include "tests/collector/http/gunzip.h"
#include "tests/collector/http/raw_client.h"
#include "tests/collector/http/running_server.h"

namespace muster::collector::http {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kGetAndClose = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TEST(HttpServer, AnswersAndKeepsTheConnection) {
  RunningServer server(echo);
  RawClient client(server.address());
  for (int i = 0; i < 3; ++i) {
    client.send(kGet);
    const std::string answer = client.receive_answer();
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(body_of(answer), "GET /a ");
    EXPECT_NE(answer.find("\r\nConnection: keep-alive\r\n"), std::string::npos);
    EXPECT_NE(answer.find("\r\nX-Content-Type-Options: nosniff\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Server:"), std::string::npos);
  }
  client.send(kGetAndClose);
  const std::string last = client.receive_all();
  EXPECT_EQ(status_of(last), 200);
  EXPECT_NE(last.find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  RunningServer server(echo);
  EXPECT_TRUE(server.address().starts_with("127.0.0.1:"));
  RawClient client(server.address());
  client.send(
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\noneGET /2 HTTP/1.1\r\nHost: "
      "a\r\n\r\n"
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
      "5\r\nthree\r\n0\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(body_of(client.receive_answer()), "POST /1 one");
  EXPECT_EQ(body_of(client.receive_answer()), "GET /2 ");
  EXPECT_EQ(body_of(client.receive_answer()), "POST /3 three");
  EXPECT_EQ(client.receive_all(), "") << "nothing after a close";
}

TEST(HttpServer, ClosesAfterAnHttp10Request) {
  RunningServer server(echo);
  RawClient client(server.address());
  client.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(client.receive_all()), "GET /a ");
}

TEST(HttpServer, SendsNoBodyToHead) {
  RunningServer server(echo);
  RawClient client(server.address());
  client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = client.receive_answer(true);
  EXPECT_NE(answer.find("\r\nContent-Length: 8\r\n"), std::string::npos) << answer;
  client.send(kGet);
  EXPECT_EQ(body_of(client.receive_answer()), "GET /a ") << "the next answer follows at once";
}

TEST(HttpServer, AsksForABodyThatWaits) {
  RunningServer server(echo);
  RawClient client(server.address());
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.receive_answer(true), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_EQ(body_of(client.receive_answer()), "POST /a ok");
}

TEST(HttpServer, RefusesABodyBeforeItIsSent) {
  RunningServer server(echo, {.body_bytes = 10});
  RawClient client(server.address());
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(status_of(client.receive_answer()), 413);
}

TEST(HttpServer, RefusesAndCloses) {
  RunningServer server(echo, {.header_bytes = 1000, .body_bytes = 10});
  struct Row {
    std::string bytes;
    int status;
  };
  for (const Row& row : std::vector<Row>{
           {"GET /a HTTP/1.1\r\n\r\n", 400},
           {"GET /../a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
           {"nonsense\r\n\r\n", 400},
           {std::string("\x16\x03\x01\x00\x00", 5), 400},
           {"GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
           {"GET /a HTTP/1.1\r\nHost: " + std::string(2000, 'a') + "\r\n\r\n", 431},
           {"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", 413},
       }) {
    const std::string answer = exchange(server.address(), row.bytes + std::string(kGet));
    EXPECT_EQ(status_of(answer), row.status) << row.bytes;
    EXPECT_TRUE(body_of(answer).starts_with("{\"error\":\"")) << answer;
    EXPECT_EQ(answer.find("HTTP/1.1 ", 1), std::string::npos) << "nothing after a refusal";
  }
}

TEST(HttpServer, LetsTheLastAnswerArriveThoughMoreIsSent) {
  RunningServer server(echo, {.body_bytes = 10});
  RawClient client(server.address());
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  client.send(std::string(1000000, 'x'));
  EXPECT_EQ(status_of(client.receive_answer()), 413);
}

TEST(HttpServer, ClosesOnARequestThatDoesNotArrive) {
  RunningServer server(echo, {.request_timeout = milliseconds(30)});
  for (const std::string_view bytes :
       {"", "GET /a HT", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc"}) {
    RawClient client(server.address());
    client.send(bytes);
    EXPECT_EQ(client.receive_all(), "");
  }
}

TEST(HttpServer, CountsTheTimeOfAWholeRequestNotOfEachByte) {
  // So large a header that only its time can end it.
  RunningServer server(echo,
                       {.header_bytes = size_t{1} << 30, .request_timeout = milliseconds(50)});
  RawClient client(server.address());
  client.send("GET /a HTTP/1.1\r\nHost: a\r\nX: ");
  while (client.send("x")) {
  }
  EXPECT_EQ(client.receive_all(), "");
}

TEST(HttpServer, ClosesIdleConnections) {
  RunningServer server(echo, {.idle_timeout = milliseconds(30)});
  RawClient client(server.address());
  client.send(kGet);
  EXPECT_EQ(status_of(client.receive_answer()), 200);
  EXPECT_EQ(client.receive_all(), "");
}

TEST(HttpServer, ClosesOnAPeerThatDoesNotRead) {
  RunningServer server(
      [](const Request&, const Respond& respond) {
        respond({.body = std::string(size_t{64} * 1024 * 1024, 'x')});
      },
      {.response_timeout = milliseconds(50)});
  RawClient client(server.address());
  client.send(kGet);
  // Waits until the server has hung up, without reading: sending fails then.
  while (client.send("GET /b HTTP/1.1\r\n")) {
  }
  SUCCEED();
}

TEST(HttpServer, BoundsTheConnections) {
  RunningServer server(echo, {.connections = 2});
  RawClient first(server.address());
  RawClient second(server.address());
  first.send(kGet);
  second.send(kGet);
  EXPECT_EQ(status_of(first.receive_answer()), 200);
  EXPECT_EQ(status_of(second.receive_answer()), 200);
  RawClient third(server.address());
  EXPECT_EQ(third.receive_all(), "");
  first.send(kGetAndClose);
  EXPECT_EQ(status_of(first.receive_all()), 200);
}

TEST(HttpServer, KeepsAPlaceForAnAddressThatHoldsNone) {
  RunningServer server(echo, {.connections = 4, .connections_per_address = 4});
  std::vector<std::unique_ptr<RawClient>> greedy;
  for (int i = 0; i < 4; ++i) {
    greedy.push_back(std::make_unique<RawClient>(server.address(), "127.0.0.2:0"));
    greedy.back()->send(kGet);
    EXPECT_EQ(status_of(greedy.back()->receive_answer()), 200);
  }
  RawClient modest(server.address(), "127.0.0.3:0");
  modest.send(kGet);
  EXPECT_EQ(status_of(modest.receive_answer()), 200);
  EXPECT_EQ(greedy.back()->receive_all(), "") << "the newest has lost its place";
  EXPECT_EQ(server.refused(Refused::kDisplaced), 1u);
  RawClient another(server.address(), "127.0.0.2:0");
  EXPECT_EQ(another.receive_all(), "");
  EXPECT_EQ(server.refused(Refused::kConnections), 1u);
  greedy.front()->send(kGet);
  EXPECT_EQ(status_of(greedy.front()->receive_answer()), 200);
}

TEST(HttpServer, BoundsTheConnectionsOfAnAddress) {
  RunningServer server(echo, {.connections_per_address = 2});
  RawClient first(server.address(), "127.0.0.2:0");
  RawClient second(server.address(), "127.0.0.2:0");
  for (RawClient* client : {&first, &second}) {
    client->send(kGet);
    EXPECT_EQ(status_of(client->receive_answer()), 200);
  }
  RawClient third(server.address(), "127.0.0.2:0");
  EXPECT_EQ(third.receive_all(), "");
  EXPECT_EQ(server.refused(Refused::kAddressShare), 1u);
  RawClient other(server.address(), "127.0.0.3:0");
  other.send(kGet);
  EXPECT_EQ(status_of(other.receive_answer()), 200);
  EXPECT_EQ(server.open_connections(), 3u);
}

TEST(HttpServer, GivesThePlaceOfWhoSendsNothingToANewcomerOfItsAddress) {
  RunningServer server(echo, {.connections_per_address = 2});
  RawClient silent(server.address());
  RawClient half(server.address());
  half.send("GET /a HTTP/1.1\r\n");
  RawClient newcomer(server.address());
  newcomer.send(kGet);
  EXPECT_EQ(status_of(newcomer.receive_answer()), 200);
  EXPECT_EQ(silent.receive_all(), "");
  EXPECT_EQ(server.refused(Refused::kDisplaced), 1u);
}

TEST(HttpServer, HoldsOneBodyForAllWhoReadItSlowlyAndBoundsTheirSum) {
  constexpr size_t kSize = size_t{16} * 1024 * 1024;
  const auto shared = std::make_shared<SharedBody>(std::string(kSize, 'x'));
  RunningServer server(
      [&shared](const Request& request, const Respond& respond) {
        if (request.path == "/shared") return respond({.shared_body = shared});
        respond({.body = std::string(kSize, 'y')});
      },
      {.response_bytes = kSize});
  const std::string get_shared = "GET /shared HTTP/1.1\r\nHost: a\r\n\r\n";
  std::vector<std::unique_ptr<RawClient>> readers;
  for (int i = 0; i < 8; ++i) {
    readers.push_back(std::make_unique<RawClient>(server.address(), "127.0.0.2:0"));
    readers.back()->send(get_shared);
    EXPECT_EQ(readers.back()->receive_some().substr(0, 15), "HTTP/1.1 200 OK");
  }
  EXPECT_EQ(server.refused(Refused::kSlowReader), 0u) << "it is one body";
  // Each of these is another one; the third is one too many, since three are always let through.
  RawClient slow(server.address(), "127.0.0.2:0");
  RawClient also_slow(server.address(), "127.0.0.2:0");
  for (RawClient* client : {&slow, &also_slow}) {
    client->send(kGet);
    EXPECT_EQ(client->receive_some().substr(0, 15), "HTTP/1.1 200 OK");
  }
  RawClient quick(server.address(), "127.0.0.3:0");
  quick.send(kGet);
  EXPECT_EQ(body_of(quick.receive_answer()).size(), kSize);
  EXPECT_EQ(server.refused(Refused::kSlowReader), 8u) << "all that held the oldest body";
  for (const auto& reader : readers)
    EXPECT_LT(reader->receive_all().size(), kSize) << "cut off";
  EXPECT_GE(slow.receive_answer().size(), kSize) << "still under way";
}

TEST(HttpServer, AnswersForAHandlerThatNeverDoes) {
  RunningServer server([](const Request&, const Respond&) {});
  RawClient client(server.address());
  client.send(kGet);
  EXPECT_EQ(status_of(client.receive_answer()), 503);
  client.send(kGetAndClose);
  EXPECT_EQ(status_of(client.receive_all()), 503) << "the connection stays";
}

TEST(HttpServer, AnswersForAHandlerThatTakesTooLong) {
  std::vector<Respond> kept;
  RunningServer server([&kept](const Request&, const Respond& respond) { kept.push_back(respond); },
                       {.response_timeout = milliseconds(30)});
  RawClient client(server.address());
  client.send(kGet);
  EXPECT_EQ(status_of(client.receive_all()), 503);
  kept.at(0)({.body = "late"});
}

TEST(HttpServer, AnswersForAHandlerThatThrows) {
  RunningServer server([](const Request&, const Respond&) { throw std::bad_alloc(); });
  EXPECT_EQ(status_of(exchange(server.address(), kGet)), 503);
}

TEST(HttpServer, TakesTheFirstOfTwoAnswersFromAnyThread) {
  RunningServer server([](const Request&, const Respond& respond) {
    std::thread([respond] {
      respond({.body = "first"});
      respond({.body = "second"});
    }).detach();
  });
  RawClient client(server.address());
  for (int i = 0; i < 20; ++i) {
    client.send(kGet);
    EXPECT_EQ(body_of(client.receive_answer()), "first");
  }
}

TEST(HttpServer, CompressesWhatIsLongForThoseWhoAsk) {
  std::string text;
  for (int i = 0; i < 30000; ++i)
    text += "muster_host_info " + std::to_string(i) + "\n";
  size_t size = 0;
  std::mutex mutex;
  RunningServer server([&text, &size, &mutex](const Request&, const Respond& respond) {
    const std::lock_guard lock(mutex);
    respond({.body = text.substr(0, size)});
  });
  for (const size_t length : {size_t{1024}, size_t{1025}, size_t{50000}, text.size()}) {
    {
      const std::lock_guard lock(mutex);
      size = length;
    }
    const std::string packed =
        exchange(server.address(), "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
    EXPECT_NE(packed.find("\r\nVary: Accept-Encoding\r\n"), std::string::npos);
    const bool is_packed = packed.find("\r\nContent-Encoding: gzip\r\n") != std::string::npos;
    EXPECT_EQ(is_packed, length > 1024) << length;
    EXPECT_EQ(is_packed ? gunzip(body_of(packed)) : body_of(packed), text.substr(0, length));
    const std::string plain = exchange(
        server.address(), "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0\r\n\r\n");
    EXPECT_EQ(body_of(plain), text.substr(0, length));
  }
}

TEST(HttpServer, TellsTheHandlerWhoAsks) {
  std::promise<Request> seen;
  RunningServer server(
      [&seen](Request request, const Respond& respond) {
        seen.set_value(std::move(request));
        respond({});
      },
      {}, nullptr, {"127.0.0.1:0", "[::1]:0"});
  RawClient client(server.address(), "127.0.0.2:0");
  client.send(kGetAndClose);
  client.receive_all();
  const Request request = seen.get_future().get();
  EXPECT_EQ(request.peer, "127.0.0.2");
  EXPECT_TRUE(request.from_loopback);
  EXPECT_FALSE(request.from_administration_socket);
  seen = {};
  exchange(server.address(1), kGetAndClose);
  EXPECT_EQ(seen.get_future().get().peer, "::1");
}

TEST(HttpServer, TakesBothAddressFamiliesOnOnePort) {
  RunningServer server(echo, {}, nullptr, {"[::]:0"});
  const std::string port = server.address().substr(server.address().rfind(':'));
  EXPECT_EQ(status_of(exchange("127.0.0.1" + port, kGetAndClose)), 200);
  EXPECT_EQ(status_of(exchange("[::1]" + port, kGetAndClose)), 200);
}

TEST(HttpServer, SaysWhyItCannotListen) {
  RunningServer server(echo);
  boost::asio::io_context io;
  EXPECT_EQ(Server::listen(io, {server.address()}, nullptr, {}, echo).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Server::listen(io, {"localhost:1"}, nullptr, {}, echo).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Server::listen(io, {"192.0.2.1:0"}, nullptr, {}, echo).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(HttpServer, StopsWithOpenConnections) {
  std::promise<Respond> asked;
  RunningServer server([&asked](const Request& request, const Respond& respond) {
    if (request.path == "/slow") {
      asked.set_value(respond);
    } else {
      respond({});
    }
  });
  RawClient idle(server.address());
  idle.send(kGet);
  EXPECT_EQ(status_of(idle.receive_answer()), 200);
  RawClient busy(server.address());
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  const Respond respond = asked.get_future().get();
  server->stop();
  EXPECT_EQ(idle.receive_all(), "");
  respond({.body = "done"});
  EXPECT_EQ(body_of(busy.receive_all()), "done");
}

}  // namespace
}  // namespace muster::collector::http

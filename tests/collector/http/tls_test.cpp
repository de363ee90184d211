#include <gtest/gtest.h>

#include "collector/http/server.h"
#include "tests/collector/http/raw_client.h"
#include "tests/collector/http/running_server.h"

namespace muster::collector::http {
namespace {

constexpr std::string_view kGetAndClose = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TlsFiles new_files(bool minimum_tls12 = false) {
  const SelfSigned pair = make_self_signed();
  return {.certificate_pem = pair.certificate, .key_pem = pair.key, .minimum_tls12 = minimum_tls12};
}

TEST(HttpsServer, SpeaksTls13) {
  const TlsFiles files = new_files();
  RunningServer server(echo, {}, &files);
  RawClient client(server.address());
  ASSERT_EQ(client.start_tls(0, "\x02h2\x08http/1.1"), "TLSv1.3");
  EXPECT_EQ(client.alpn(), "http/1.1");
  client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(body_of(client.receive_answer()), "GET /1 ");
  client.send(kGetAndClose);
  EXPECT_EQ(body_of(client.receive_all()), "GET /a ");
}

TEST(HttpsServer, RefusesAClientThatCanOnlySpeakTls12) {
  const TlsFiles files = new_files();
  RunningServer server(echo, {}, &files);
  EXPECT_EQ(RawClient(server.address()).start_tls(TLS1_2_VERSION), "");
}

TEST(HttpsServer, SpeaksTls12WhereItIsAllowed) {
  const TlsFiles files = new_files(true);
  RunningServer server(echo, {}, &files);
  RawClient client(server.address());
  ASSERT_EQ(client.start_tls(TLS1_2_VERSION), "TLSv1.2");
  client.send(kGetAndClose);
  EXPECT_EQ(body_of(client.receive_all()), "GET /a ");
  EXPECT_EQ(RawClient(server.address()).start_tls(TLS1_1_VERSION), "");
}

TEST(HttpsServer, RefusesAClientThatWantsOnlyHttp2) {
  const TlsFiles files = new_files();
  RunningServer server(echo, {}, &files);
  EXPECT_EQ(RawClient(server.address()).start_tls(0, "\x02h2"), "");
}

TEST(HttpsServer, TellsAPlainClientToUseHttps) {
  const TlsFiles files = new_files();
  RunningServer server(echo, {}, &files);
  const std::string answer = exchange(server.address(), kGetAndClose);
  EXPECT_EQ(status_of(answer), 400);
  EXPECT_EQ(body_of(answer),
            "{\"error\":\"this port speaks HTTPS: use https:// in front of its address\"}\n");
  EXPECT_NE(answer.find("Content-Length: " + std::to_string(body_of(answer).size()) + "\r\n"),
            std::string::npos);
}

TEST(HttpsServer, ClosesOnAHandshakeThatDoesNotEnd) {
  const TlsFiles files = new_files();
  RunningServer server(echo, {.request_timeout = std::chrono::milliseconds(30)}, &files);
  RawClient silent(server.address());
  EXPECT_EQ(silent.receive_all(), "");
  RawClient halfway(server.address());
  halfway.send(std::string_view("\x16\x03\x01\x02\x00\x01\x00", 7));
  EXPECT_EQ(halfway.receive_all(), "");
}

TEST(HttpsServer, SendsWhatIsLarge) {
  const TlsFiles files = new_files();
  const std::string large(size_t{20} * 1000 * 1000, 'x');
  RunningServer server(
      [&large](const Request&, const Respond& respond) { respond({.body = large}); }, {}, &files);
  RawClient client(server.address());
  ASSERT_EQ(client.start_tls(), "TLSv1.3");
  client.send(kGetAndClose);
  EXPECT_EQ(body_of(client.receive_all()).size(), large.size());
}

TEST(HttpsServer, TakesANewCertificateAndKeepsTheOldOneOnError) {
  const TlsFiles files = new_files();
  RunningServer server(echo, {}, &files);
  RawClient before(server.address());
  ASSERT_EQ(before.start_tls(), "TLSv1.3");
  TlsFiles mixed = new_files(true);
  mixed.key_pem = files.key_pem;
  EXPECT_EQ(server->replace_tls(mixed).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(RawClient(server.address()).start_tls(TLS1_2_VERSION), "") << "still the old one";
  EXPECT_TRUE(server->replace_tls(new_files(true)).ok());
  EXPECT_EQ(RawClient(server.address()).start_tls(TLS1_2_VERSION), "TLSv1.2");
  before.send(kGetAndClose);
  EXPECT_EQ(status_of(before.receive_all()), 200) << "who is connected stays";
}

TEST(HttpsServer, RefusesWhatIsNoCertificate) {
  boost::asio::io_context io;
  const TlsFiles good = new_files();
  TlsFiles no_certificate = good;
  no_certificate.certificate_pem = "nothing";
  TlsFiles no_key = good;
  no_key.key_pem = "";
  for (const TlsFiles& files : {no_certificate, no_key}) {
    EXPECT_EQ(Server::listen(io, {"127.0.0.1:0"}, &files, {}, echo).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  RunningServer plain(echo);
  EXPECT_EQ(plain->replace_tls(good).code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace muster::collector::http

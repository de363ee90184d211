// Against servers in this process: one that speaks TLS, and one that says any bytes.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/http_client/http_document.h"
#include "collector/http_client/http_get.h"
#include "tests/collector/http_client/raw_server.h"
#include "tests/collector/http_client/tls_server.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string message(const absl::Status& status) {
  return std::string(status.message());
}

class HttpDocument : public testing::Test {
 protected:
  HttpDocument() { write("ca.pem", authority_.ca_pem); }

  std::string write(const std::string& name, const std::string& content) {
    return directory_.write(name, content);
  }

  HttpSource source(uint16_t port, bool tls = true) const {
    HttpSource source;
    source.url = {.tls = tls, .host = "127.0.0.1", .port = port, .target = "/hosts?site=secret"};
    if (tls) source.ca_file = directory_.file("ca.pem");
    return source;
  }

  static absl::StatusOr<std::string> fetch(const HttpSource& source, size_t largest = 1000) {
    return fetch_json(source, largest, {});
  }

  TestAuthority authority_;
  test::TemporaryDirectory directory_;
};

http::Handler answering(const http::Response& response) {
  return [response](const http::Request& /*request*/, const http::Respond& respond) {
    respond(response);
  };
}

const http::Response json{.content_type = "application/json", .body = "[]"};

TEST_F(HttpDocument, ComesOverTls) {
  http::RunningServer server(answering(json), {}, &authority_.files);
  HttpSource by_address = source(port_of(server.address()));
  EXPECT_EQ(fetch(by_address).value_or("failed"), "[]");
  HttpSource by_name = by_address;
  by_name.url.host = "localhost";
  EXPECT_EQ(fetch(by_name).value_or("failed"), "[]");
}

TEST_F(HttpDocument, ComesWithoutTlsToo) {
  http::RunningServer server(answering(json));
  EXPECT_EQ(fetch(source(port_of(server.address()), false)).value_or("failed"), "[]");
}

TEST_F(HttpDocument, IsAskedForWithPathQueryAndCredentials) {
  const auto echo = [](const http::Request& request, const http::Respond& respond) {
    const auto header = request.headers.find("authorization");
    respond({.body = fmt::format("{}?{}={} {} {}", request.path, request.query.at(0).first,
                                 request.query.at(0).second, request.headers.at("host"),
                                 header == request.headers.end() ? "" : header->second)});
  };
  http::RunningServer server(echo, {}, &authority_.files);
  HttpSource one = source(port_of(server.address()));
  EXPECT_EQ(fetch(one).value_or("failed"),
            fmt::format("/hosts?site=secret 127.0.0.1:{} ", one.url.port));
  one.token_file = write("token", "abc\n");
  EXPECT_THAT(fetch(one).value_or("failed"), testing::EndsWith(" Bearer abc"));
  one.token_file.clear();
  one.username = "muster";
  one.password_file = write("password", "opensesame\r\n");
  EXPECT_THAT(fetch(one).value_or("failed"), testing::EndsWith(" Basic bXVzdGVyOm9wZW5zZXNhbWU="));
}

TEST_F(HttpDocument, IsOfNobodyWhoseCertificateIsNotTheOne) {
  http::RunningServer server(answering(json), {}, &authority_.files);
  HttpSource one = source(port_of(server.address()));
  one.ca_file = write("other.pem", TestAuthority().ca_pem);
  EXPECT_THAT(message(fetch(one).status()),
              AllOf(HasSubstr("TLS with 127.0.0.1:"), HasSubstr("`ca_file` names the CA")));
  one.ca_file.clear();
  EXPECT_THAT(message(fetch(one).status()), HasSubstr("`ca_file` names the CA to trust"));
  one.ca_file = write("none.pem", "nothing");
  EXPECT_EQ(fetch(one).status().code(), absl::StatusCode::kInvalidArgument);

  const TestAuthority elsewhere({"DNS:elsewhere.example.org"});
  http::RunningServer other(answering(json), {}, &elsewhere.files);
  HttpSource wrong_name = source(port_of(other.address()));
  wrong_name.ca_file = write("elsewhere.pem", elsewhere.ca_pem);
  EXPECT_THAT(message(fetch(wrong_name).status()),
              HasSubstr("its certificate is not for 127.0.0.1"));
}

TEST_F(HttpDocument, IsNotWhatIsNoDocument) {
  struct Case {
    http::Response response;
    std::string why;
  };
  const std::vector<Case> cases = {
      {{.status = 500, .body = "oops"}, "it answers 500 Internal Server Error"},
      {{.status = 404, .body = ""}, "it answers 404 Not Found"},
      {{.status = 401, .body = ""}, "401 Unauthorized; check username and password_file"},
      {{.status = 302, .body = "", .headers = {{"Location", "https://b/c?token=secret"}}},
       "(to https://b/c); redirections are not followed"},
      {{.content_type = "text/html; charset=utf-8", .body = "<html>"},
       "it answers with text/html; charset=utf-8, not JSON"},
      {{.content_type = "application/json", .body = "[]", .headers = {{"Content-Encoding", "br"}}},
       "it answers with the encoding br"},
  };
  for (const Case& one : cases) {
    http::RunningServer server(answering(one.response), {}, &authority_.files);
    const absl::Status status = fetch(source(port_of(server.address()))).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << one.why;
    EXPECT_THAT(message(status), AllOf(HasSubstr(one.why), Not(HasSubstr("secret"))));
  }
}

TEST_F(HttpDocument, IsNotOneThatIsTooLarge) {
  http::RunningServer server(answering({.body = std::string(1001, 'x')}), {}, &authority_.files);
  const HttpSource one = source(port_of(server.address()));
  EXPECT_EQ(fetch(one, 1001).value_or("failed").size(), 1001U);
  const absl::Status status = fetch(one, 1000).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(message(status), HasSubstr("the answer is larger than 1000 bytes"));
}

TEST_F(HttpDocument, IsNotOneThatIsCutOff) {
  RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[");
  EXPECT_THAT(message(fetch(source(server.port(), false)).status()),
              HasSubstr("the connection ended before the answer did"));
}

TEST_F(HttpDocument, IsNotOneOfAServerThatSpeaksSomethingElse) {
  RawServer server("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_THAT(message(fetch(source(server.port(), false)).status()), HasSubstr("is not HTTP"));
  EXPECT_THAT(message(fetch(source(server.port(), true)).status()), HasSubstr("TLS with"));
}

TEST_F(HttpDocument, IsNotWaitedForPastItsTime) {
  RawServer silent("");
  for (const bool tls : {false, true}) {
    HttpSource one = source(silent.port(), tls);
    one.timeout = milliseconds(50);
    EXPECT_EQ(fetch(one).status().code(), absl::StatusCode::kDeadlineExceeded);
  }
}

TEST_F(HttpDocument, IsNotWaitedForOnceNobodyWantsIt) {
  RawServer silent("");
  std::stop_source stop;
  absl::Status status;
  std::thread client(
      [&] { status = fetch_json(source(silent.port(), false), 100, stop.get_token()).status(); });
  while (silent.requests() == 0)
    std::this_thread::yield();
  stop.request_stop();
  client.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(HttpDocument, OfAServerThatIsNotThereSaysSo) {
  uint16_t port = 0;
  {
    const RawServer gone("x");
    port = gone.port();
  }
  EXPECT_THAT(message(fetch(source(port, false)).status()),
              HasSubstr(fmt::format("connecting to 127.0.0.1:{}: Connection refused", port)));
  HttpSource nowhere = source(port, false);
  // No name, so that nobody outside is asked for it.
  nowhere.url.host = "nowhere..invalid";
  EXPECT_THAT(message(fetch(nowhere).status()), HasSubstr("looking up nowhere..invalid: "));
}

TEST_F(HttpDocument, IsNotAskedForWithSecretsThatNoHeaderCanHave) {
  HttpSource one = source(1, false);
  one.token_file = write("token", "");
  EXPECT_EQ(fetch(one).status().code(), absl::StatusCode::kInvalidArgument);
  write("token", "sesame\r\nX: y\n");
  EXPECT_EQ(fetch(one).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(message(fetch(one).status()), Not(HasSubstr("sesame")));
  write("token", std::string(4097, 'x'));
  EXPECT_EQ(fetch(one).status().code(), absl::StatusCode::kOutOfRange);
  one.token_file = directory_.file("none");
  EXPECT_EQ(fetch(one).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace muster::collector

// What is asked and answered with programs that are not ours: the responder and the list of the
// openssl program, by Python's server of HTTP.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "agent/probes/tls/revocation.h"
#include "tests/agent/probes/network/look_world.h"
#include "tests/agent/probes/tls/http_server.h"
#include "tests/agent/probes/tls/test_pki.h"
#include "tests/common/certificate_maker.h"
#include "tests/common/temporary_directory.h"

namespace muster::tls {
namespace {

using network_probe::Look;
using test::Identity;

// A look is a plain function.
struct Asking {
  Revocations* revocations = nullptr;
  RevocationQuestion question = RevocationQuestion::kOcsp;
  std::vector<std::string> chain;
  RevocationAnswer answer = {};
};
Asking asking;

boost::asio::awaitable<std::optional<v1::Section>> ask_look(Look& look) {
  asking.answer = co_await asking.revocations->ask(look, asking.question, asking.chain);
  co_return std::nullopt;
}

void run_command(const std::string& command) {
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

std::string content_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// `python3 -m http.server` over a directory, on a port of loopback that it says itself.
class PythonServer {
 public:
  explicit PythonServer(const std::string& directory) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::execlp("python3", "python3", "-u", "-m", "http.server", "--bind", "127.0.0.1",
               "--directory", directory.c_str(), "0", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    FILE* const said = ::fdopen(ends[0], "r");
    unsigned port = 0;
    if (std::fscanf(said, "Serving HTTP on 127.0.0.1 port %u", &port) == 1) {
      port_ = static_cast<uint16_t>(port);
    }
    said_ = said;
  }
  ~PythonServer() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    std::fclose(said_);
  }
  PythonServer(const PythonServer&) = delete;
  PythonServer& operator=(const PythonServer&) = delete;

  uint16_t port() const { return port_; }

 private:
  pid_t process_ = -1;
  FILE* said_ = nullptr;
  uint16_t port_ = 0;
};

// An authority as `openssl ca` keeps it, with serial 42 revoked or not.
class RevocationServersTest : public network_probe::test::LookWorld {
 protected:
  RevocationServersTest() : target(listen()), responder(io) {
    look_function = &ask_look;
    allow("127.0.0.1", target.port());
    allow("127.0.0.1", responder.port());
    directory.write("ca.pem", issuing.pem());
    directory.write("ca.key", muster::test::key_pem(issuing.key.get()));
    directory.write("index.txt.attr", "");
    directory.write("crlnumber", "01\n");
    directory.write("ca.conf",
                    fmt::format("[ca]\ndefault_ca = own\n[own]\ndatabase = {0}/index.txt\n"
                                "crlnumber = {0}/crlnumber\ndefault_md = sha256\n"
                                "default_crl_days = 7\n",
                                directory.path()));
    responder.answer = [this](const std::string& request) { return respond(request); };
  }

  void keep_index(bool revoked) {
    directory.write("index.txt",
                    fmt::format("{}\t371231235959Z\t{}\t2A\tunknown\t/CN=www.example.org\n",
                                revoked ? "R" : "V", revoked ? "261101120000Z,keyCompromise" : ""));
  }

  // Of openssl's responder: what it makes of the request's body.
  std::string respond(const std::string& request) {
    const std::string in =
        directory.write("request.der", request.substr(request.find("\r\n\r\n") + 4));
    run_command(
        fmt::format("cd {} && openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem "
                    "-rkey ca.key -ndays 7 -reqin request.der -respout response.der "
                    ">said 2>&1",
                    directory.path()));
    return test::HttpServer::ok(content_of_file(directory.file("response.der")));
  }

  RevocationAnswer ask(RevocationQuestion question, const Identity& leaf) {
    Revocations revocations(store, clock_of_now);
    asking = {.revocations = &revocations,
              .question = question,
              .chain = test::ders_of({&leaf, &issuing})};
    run({look_at("127.0.0.1:" + std::to_string(target.port()))});
    return asking.answer;
  }

  network_probe::test::Listener& target;
  test::HttpServer responder;
  SystemClock clock_of_now;
  muster::test::TemporaryDirectory directory;
  Identity root = test::make_authority("Example Root");
  Identity issuing = test::make_authority("Example Issuing", &root);
  TrustStore store = *TrustStore::from_bundle(root.pem());
};

TEST_F(RevocationServersTest, OpensslsResponderIsUnderstood) {
  const Identity leaf = test::make_leaf("www.example.org", issuing,
                                        {{NID_info_access, "OCSP;URI:" + responder.url("/")}});
  keep_index(false);
  const RevocationAnswer good = ask(RevocationQuestion::kOcsp, leaf);
  EXPECT_EQ(good.status, v1::REVOCATION_GOOD) << good.detail;
  keep_index(true);
  const RevocationAnswer revoked = ask(RevocationQuestion::kOcsp, leaf);
  EXPECT_EQ(revoked.status, v1::REVOCATION_REVOKED) << revoked.detail;
  ASSERT_TRUE(revoked.revoked_at.has_value());
  EXPECT_EQ(revoked.revoked_at->seconds(), 1'793'534'400);  // 2026-11-01T12:00:00Z
  directory.write("index.txt", "");
  EXPECT_EQ(ask(RevocationQuestion::kOcsp, leaf).status, v1::REVOCATION_UNKNOWN);
}

TEST_F(RevocationServersTest, OpensslsListIsUnderstoodByPythonsServer) {
  const PythonServer server(directory.path());
  ASSERT_NE(server.port(), 0) << "python3 -m http.server did not start";
  allow("127.0.0.1", server.port());
  const Identity leaf =
      test::make_leaf("www.example.org", issuing,
                      {{NID_crl_distribution_points,
                        fmt::format("URI:http://127.0.0.1:{}/list.crl", server.port())}});
  EXPECT_THAT(ask(RevocationQuestion::kCrl, leaf).detail,
              testing::HasSubstr("/list.crl answered 404 "));
  for (const bool revoked : {false, true}) {
    keep_index(revoked);
    run_command(
        fmt::format("cd {} && openssl ca -gencrl -config ca.conf -cert ca.pem -keyfile "
                    "ca.key -out list.pem 2>said && openssl crl -in list.pem -outform DER "
                    "-out list.crl",
                    directory.path()));
    const RevocationAnswer answer = ask(RevocationQuestion::kCrl, leaf);
    EXPECT_EQ(answer.status, revoked ? v1::REVOCATION_REVOKED : v1::REVOCATION_GOOD)
        << answer.detail;
  }
}

}  // namespace
}  // namespace muster::tls

// The same files, as Prometheus's own checker sees them: what we accept it accepts, so that an
// operator can check a file with the tool of the ecosystem. Needs promtool (Debian's `prometheus`).
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "collector/http/web_config.h"
#include "tests/collector/http/raw_client.h"

namespace muster::collector::http {
namespace {

class Promtool : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run("promtool --version"), 0) << "promtool is missing: tests/run installs it";
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
    const SelfSigned pair = make_self_signed();
    write("server.pem", pair.certificate);
    write("server.key", pair.key);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  static int run(const std::string& command) {
    const int status = std::system((command + " >/dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string write(const std::string& name, const std::string& content) const {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path) << content;
    return path;
  }
  bool accepts(const std::string& text) const {
    return run("promtool check web-config " + write("web.yml", text)) == 0;
  }

 private:
  std::string directory_ = "/tmp/muster_web_config.XXXXXX";
};

TEST_F(Promtool, AcceptsWhatWeAccept) {
  const std::string users =
      "basic_auth_users:\n"
      "  prometheus: $2y$10$6bZJ6wUDtiTKI8ZjA7MvO.hG9F9SfqK0Yq3nBzEeZ9CqY0ZkZyNU2\n";
  const std::string tls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";
  for (const std::string& text :
       {users, tls, tls + users, tls + "  min_version: TLS12\n", tls + "  min_version: TLS13\n",
        tls + "  client_auth_type: NoClientCert\nhttp_server_config:\n  http2: false\n" + users}) {
    EXPECT_TRUE(parse_web_config(text, "web.yml").ok()) << text;
    EXPECT_TRUE(accepts(text)) << text;
  }
}

TEST_F(Promtool, RefusesTheSameMistakes) {
  for (const std::string& text : {std::string("tls: {}\n"), std::string("basic_auth_users: [a]\n"),
                                  std::string("tls_server_config:\n  cert_file: server.pem\n")}) {
    EXPECT_FALSE(parse_web_config(text, "web.yml").ok()) << text;
    EXPECT_FALSE(accepts(text)) << text;
  }
}

}  // namespace
}  // namespace muster::collector::http

#include "collector/http/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster::collector::http {
namespace {

using testing::HasSubstr;

const std::string tls_files =
    "tls_server_config:\n  cert_file: server.pem\n  key_file: /etc/server.key\n";

TEST(WebConfig, ReadsTlsAndUsers) {
  const absl::StatusOr<WebConfig> config = parse_web_config(
      tls_files +
          "  min_version: TLS12\n"
          "  client_auth_type: NoClientCert\n"
          "http_server_config:\n"
          "  http2: false\n"
          "basic_auth_users:\n"
          "  prometheus: $2y$10$6bZJ6wUDtiTKI8ZjA7MvO.hG9F9SfqK0Yq3nBzEeZ9CqY0ZkZyNU2\n"
          "  grafana: $2b$10$6bZJ6wUDtiTKI8ZjA7MvO.hG9F9SfqK0Yq3nBzEeZ9CqY0ZkZyNU2\n",
      "/etc/muster/web.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->cert_file, "/etc/muster/server.pem") << "beside the file";
  EXPECT_EQ(config->key_file, "/etc/server.key");
  EXPECT_TRUE(config->minimum_tls12);
  EXPECT_EQ(config->users.size(), 2u);
  EXPECT_THAT(config->users.at("prometheus"), HasSubstr("$2y$10$"));
}

TEST(WebConfig, NeedsNothing) {
  for (const char* text : {"{}", "basic_auth_users: {}\n"}) {
    const absl::StatusOr<WebConfig> config = parse_web_config(text, "web.yml");
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(config->cert_file, "");
    EXPECT_FALSE(config->minimum_tls12);
    EXPECT_TRUE(config->users.empty());
  }
}

TEST(WebConfig, RefusesWhatItCannotKeep) {
  struct Row {
    std::string text;
    const char* complaint;
  };
  const std::string user = "basic_auth_users:\n  ";
  for (const Row& row : std::vector<Row>{
           {tls_files + "  client_ca_file: ca.pem\n",
            "web.yml:4:19: client_ca_file is not supported"},
           {tls_files + "  client_auth_type: RequireAndVerifyClientCert\n", "only NoClientCert"},
           {tls_files + "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n",
            "cipher_suites is not supported"},
           {tls_files + "  max_version: TLS12\n", "max_version is not supported"},
           {tls_files + "  min_version: TLS10\n", "min_version"},
           {tls_files + "  cert_fiel: x\n", "cert_file"},
           {"tls_server_config:\n  cert_file: a\n", "key_file"},
           {"http_server_config:\n  http2: true\n", "http2: false"},
           {"http_server_config:\n  headers:\n    X-Frame-Options: deny\n", "headers"},
           {user + "a: secret\n", "the password of a is not a bcrypt hash"},
           {user + "a: $2y$20$6bZJ6wUDtiTKI8ZjA7MvO.hG9F9SfqK0Yq3nBzEeZ9CqY0ZkZyNU2\n", "cost"},
           {user + "'a:b': $2y$10$6bZJ6wUDtiTKI8ZjA7MvO.hG9F9SfqK0Yq3nBzEeZ9CqY0ZkZyNU2\n",
            "colon"},
           {user + "a: [b]\n", "a"},
           {"tls: {}\n", "tls_server_config"},
           {"- a\n", "web.yml"},
       }) {
    const absl::Status status = parse_web_config(row.text, "web.yml").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << row.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.complaint));
    EXPECT_THAT(std::string(status.message()), HasSubstr("web.yml")) << row.text;
  }
}

}  // namespace
}  // namespace muster::collector::http

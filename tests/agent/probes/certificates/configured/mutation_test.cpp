// The fuzz target's promises over damaged configurations of every server. Same inputs at every run.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

#include "agent/probes/certificates/configured/configured_uses.h"
#include "tests/common/damaged_bytes.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace muster::configured {
namespace {

constexpr int kRoundsEach = 100;

// A line of each syntax, so that every reader has something of its own among what is foreign to it.
constexpr const char* kText =
    "include /i/1; Include /i/*\n!include /i/2\n<include file=\"/i/3\">\n"
    "http { server { listen 1 ssl; server_name a.example; ssl_certificate \"/a b.pem\"; "
    "ssl_certificate_key ${k}; } }\n<VirtualHost *:443>\nSSLCertificateFile ${D}/a.pem\n"
    "</VirtualHost>\nglobal\n crt-base /c\n bind :1 ssl crt a.pem crt-list /i/4\n"
    "smtpd_tls_cert_file = $config_directory/$(a)${b}.pem\nlocal_name x {\nssl_cert = </a.pem\n}\n"
    "TLSCertificateFile /a.pem\nolcTLSCertificateFile: /a\n .pem\nssl = on\nssl_cert_file = "
    "'/a''b'\n"
    "[mysqld]\nssl-cert = /a.pem\nrsa_cert_file=/a.pem\nssl_enable=YES\n[Globals]\n"
    "certificate=/a.pem\nVirtualHost \"h\" ssl = { certificate = \"/a\" .. x; key = '/k' }\n"
    "tlscertfile: /a.pem\n<sslprofile certfile=\"/a.pem\" keyfile=\"k\">\n\x1e/b.pem [a] "
    "x.example\n";

TEST(ConfiguredUses, KeepTheirPromisesOverDamagedConfigurations) {
  std::mt19937 random(20261122);
  for (size_t server = 0; server < known_servers().size(); ++server) {
    const std::string whole = static_cast<char>(server) + std::string(kText);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(whole.data()), whole.size());
    for (int round = 0; round < kRoundsEach; ++round) {
      std::string bytes = test::damaged(whole, random);
      if (!bytes.empty()) bytes[0] = static_cast<char>(server);
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    }
  }
}

}  // namespace
}  // namespace muster::configured

// Protocols of bytes: LDAP, PostgreSQL, MySQL, RDP.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "agent/probes/tls/starttls.h"
#include "common/targets/tls_endpoint.h"
#include "tests/agent/probes/tls/starttls_case.h"

namespace muster::tls {
namespace {

using namespace std::string_literals;
using test::Case;
using test::expect;
using test::Step;

TEST(StartTls, OfLdapIsAnExtendedRequest) {
  const std::string request =
      "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
      "1.3.6.1.4.1.1466.20037"s;
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_LDAP,
            {"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s},
            Step::kBeginTls,
            request},
           // As Active Directory writes lengths, with the name of the answer.
           {v1::START_TLS_LDAP,
            {"\x30\x84\x00\x00\x00\x28\x02\x01\x01\x78\x84\x00\x00\x00\x1f\x0a\x01\x00\x04\x00\x04"
             "\x00"
             "\x8a\x16"
             "1.3.6.1.4.1.1466.20037"s},
            Step::kBeginTls},
           {v1::START_TLS_LDAP,
            {"\x30\x1d\x02\x01\x01\x78\x18\x0a\x01\x02\x04\x00\x04\x11"
             "TLS not supported"s},
            Step::kNoStartTls,
            "",
            "result 2 protocolError: TLS not supported"},
           {v1::START_TLS_LDAP,
            {"\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x34\x04\x00\x04\x00"s},
            Step::kNoStartTls,
            "",
            "result 52 unavailable"},
           // Another message; a length without end; one of 16 MiB; a field that leads out of it.
           {v1::START_TLS_LDAP,
            {"\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s},
            Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"\x30\x80\x02\x01\x01"s}, Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"\x30\x84\x01\x00\x00\x00"s}, Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"\x30\x85\x01"s}, Step::kNotTheProtocol},
           {v1::START_TLS_LDAP,
            {"\x30\x0c\x02\x01\x01\x78\x7f\x0a\x01\x00\x04\x00\x04\x00"s},
            Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"\x30\x00"s}, Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"HTTP/1.1 400\r\n"}, Step::kNotTheProtocol},
       })
    expect(test);
}

TEST(StartTls, OfPostgresIsOneByte) {
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_POSTGRES, {"S"}, Step::kBeginTls, "\x00\x00\x00\x08\x04\xd2\x16\x2f"s},
           {v1::START_TLS_POSTGRES, {"N"}, Step::kNoStartTls, "", "it takes no TLS"},
           {v1::START_TLS_POSTGRES,
            {"E\x00\x00\x00\x2cSFATAL\0C53300\0Msorry, too many clients\0\0"s},
            Step::kNoStartTls,
            "",
            "sorry, too many clients"},
           {v1::START_TLS_POSTGRES, {"E\x00\x00\x00\x04"s}, Step::kNoStartTls},
           {v1::START_TLS_POSTGRES, {"E\x00\x00\x00\x03"s}, Step::kNotTheProtocol},
           {v1::START_TLS_POSTGRES, {"ERROR: no\n"}, Step::kNotTheProtocol},
           {v1::START_TLS_POSTGRES, {"H"}, Step::kNotTheProtocol},
       })
    expect(test);
}

TEST(StartTls, OfMysqlIsWhereTheGreetingHasIt) {
  const std::string version =
      "\x0a"
      "5.5.5-10.11.6-MariaDB-0+deb12u1\0"s;
  const auto greeting = [&](const std::string& capabilities) {
    const std::string packet =
        version + "\x05\0\0\0"s + "challeng" + "\0"s + capabilities + "\x2d\x02\0"s;
    return std::string(1, static_cast<char>(packet.size())) + "\0\0\0"s + packet;
  };
  const std::string request = "\x20\0\0\x01\0\x8a\0\0\0\0\0\x01\x21"s + std::string(23, '\0');
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_MYSQL, {greeting("\xfe\xff")}, Step::kBeginTls, request},
           {v1::START_TLS_MYSQL,
            {greeting("\xfe\xf7")},
            Step::kNoStartTls,
            "",
            "its capabilities do not have TLS"},
           {v1::START_TLS_MYSQL,
            {"\x1f\0\0\0\xff\x6a\x04Host 'a' is not allowed here"s},
            Step::kNoStartTls,
            "",
            "error 1130: Host 'a' is not allowed here"},
           {v1::START_TLS_MYSQL,
            {"\x0d\0\0\0\xff\x10\x04#08004full"s},
            Step::kNoStartTls,
            "",
            "error 1040: full"},
           {v1::START_TLS_MYSQL, {"\x02\0\0\0\xff\x10"s}, Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL, {"\x00\0\0\0"s}, Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL,
            {"\x05\0\0\0\x0a"
             "8.0\0"s},
            Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL,
            {"\x05\0\0\x01\x0a"
             "8.0\0"s},
            Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL, {"\x01\0\0\0\x09"s}, Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL, {"\xff\xff\xff"s}, Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL, {"220 mail\r\n"}, Step::kNotTheProtocol},
       })
    expect(test);
}

TEST(StartTls, OfRdpIsNegotiated) {
  const auto answer = [](const std::string& negotiation) {
    return "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00"s + negotiation;
  };
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_RDP,
            {answer("\x02\x00\x08\x00\x01\x00\x00\x00"s)},
            Step::kBeginTls,
            "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"s},
           {v1::START_TLS_RDP, {answer("\x02\x1f\x08\x00\x02\x00\x00\x00"s)}, Step::kBeginTls},
           {v1::START_TLS_RDP,
            {answer("\x02\x00\x08\x00\x00\x00\x00\x00"s)},
            Step::kNoStartTls,
            "",
            "it chose RDP's own security"},
           {v1::START_TLS_RDP,
            {answer("\x03\x00\x08\x00\x02\x00\x00\x00"s)},
            Step::kNoStartTls,
            "",
            "failure 2 SSL_NOT_ALLOWED_BY_SERVER"},
           {v1::START_TLS_RDP,
            {answer("\x03\x00\x08\x00\x63\x00\x00\x00"s)},
            Step::kNoStartTls,
            "",
            "failure 99"},
           {v1::START_TLS_RDP,
            {"\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00"s},
            Step::kNoStartTls,
            "",
            "it has RDP's own security only"},
           {v1::START_TLS_RDP,
            {"\x03\x00\x00\x0b\x06\x80\x00\x00\x12\x34\x00"s},
            Step::kNoStartTls},
           {v1::START_TLS_RDP,
            {answer("\x07\x00\x08\x00\x00\x00\x00\x00"s)},
            Step::kNotTheProtocol},
           {v1::START_TLS_RDP, {"\x03\x00\x00\x0a"s}, Step::kNotTheProtocol},
           {v1::START_TLS_RDP, {"\x03\x00\xff\xff"s}, Step::kNotTheProtocol},
           {v1::START_TLS_RDP, {"\x15\x03\x03\x00\x02\x02\x46"s}, Step::kNotTheProtocol},
       })
    expect(test);
}

}  // namespace
}  // namespace muster::tls

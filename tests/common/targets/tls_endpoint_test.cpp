#include "common/targets/tls_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/targets/target_rules.h"

#include "common/targets/target_address.h"

namespace muster {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TlsEndpoint parsed(const std::string& text) {
  const auto endpoint = parse_tls_endpoint(text);
  EXPECT_TRUE(endpoint.ok()) << text << ": " << endpoint.status();
  return endpoint.value_or(TlsEndpoint());
}

std::string complaint(const std::string& text) {
  return std::string(parse_tls_endpoint(text).status().message());
}

TEST(TlsEndpoint, AsksForTheNameThatIsDialledUnlessAnotherIsGiven) {
  EXPECT_EQ(parsed("shop.example.org:443").server_name, "shop.example.org");
  EXPECT_EQ(parsed("192.0.2.7:443").server_name, "");
  EXPECT_EQ(parsed("[2001:db8::7]:443").server_name, "");
  const TlsEndpoint endpoint = parsed("192.0.2.7:8443/shop.example.org");
  EXPECT_EQ(endpoint.address.host, "192.0.2.7");
  EXPECT_EQ(endpoint.address.port, 8443);
  EXPECT_EQ(endpoint.server_name, "shop.example.org");
  EXPECT_EQ(parsed("[2001:db8::7]:443/xn--bcher-kva.example").server_name, "xn--bcher-kva.example");
}

TEST(TlsEndpoint, SaysWhatComesBeforeTlsAndHowRevocationIsAskedFor) {
  EXPECT_EQ(parsed("a.example:25").starttls, "");
  EXPECT_EQ(parsed("a.example:25").revocation, RevocationQuestion::kStaple);
  const TlsEndpoint mail = parsed("a.example:25/mx.example revocation=crl starttls=smtp");
  EXPECT_EQ(mail.starttls, "smtp");
  EXPECT_EQ(mail.revocation, RevocationQuestion::kCrl);
  EXPECT_EQ(parsed("a.example:443 revocation=ocsp").revocation, RevocationQuestion::kOcsp);
  EXPECT_EQ(parsed("a.example:443 revocation=staple").revocation, RevocationQuestion::kStaple);
  ASSERT_THAT(starttls_protocols(), SizeIs(13));
  for (const std::string_view name : starttls_protocols())
    EXPECT_EQ(parsed("a.example:1 starttls=" + std::string(name)).starttls, name);
}

TEST(TlsEndpoint, SaysWhichWordIsWrong) {
  const struct {
    const char* text;
    const char* said;
  } cases[] = {
      {"shop.example.org", "'shop.example.org' is not the address of a target"},
      {"https://shop.example.org", "is not the address of a target"},
      {"", "'' is not the address of a target"},
      {"a.example:443/", "'' after the slash is not the name of a server"},
      {"a.example:443/192.0.2.7", "'192.0.2.7' after the slash is not the name of a server"},
      {"a.example:443/::1", "'::1' after the slash is not the name of a server"},
      {"a.example:443/b/c", "'b/c' after the slash is not the name of a server"},
      {"a.example:443/b.example.", "'b.example.' after the slash"},
      {"a.example:443/b\r\nQUIT", R"('b\x0d\x0aQUIT' after the slash)"},
      {"a.example:443/b\x1b[2J", R"('b\x1b[2J' after the slash)"},
      {"a.example:443/b\xc3\xbc"
       "cher.de",
       "write it as DNS has it, like xn--bcher-kva.de"},
      {"b\xc3\xbc"
       "cher.de:443",
       "is not the address of a target"},
      {"a.example:25 starttls=stmp", "'starttls=stmp': starttls= is one of smtp, imap, pop3"},
      {"a.example:25 starttls=stmp", "did you mean 'smtp'?"},
      {"a.example:25 starttls=", "'starttls=': starttls= is one of"},
      {"a.example:25 starttls=SMTP", "'starttls=SMTP': starttls= is one of"},
      {"a.example:25 starttls=smtp starttls=imap", "starttls= comes twice"},
      {"a.example:25 revocation=ocsp revocation=staple", "revocation= comes twice"},
      {"a.example:25 revocation=soft", "'revocation=soft': revocation= is one of staple, ocsp"},
      {"a.example:25 smtp", "'smtp' is nothing that an address may say"},
      {"a.example:25  starttls=smtp", "'' is nothing that an address may say"},
      {"a.example:25 ", "'' is nothing that an address may say"},
      {" a.example:25", "'' is not the address of a target"},
      {"a.example:25\tstarttls=smtp", "is not the address of a target"},
  };
  for (const auto& test : cases)
    EXPECT_THAT(complaint(test.text), HasSubstr(test.said)) << test.text;
}

TEST(TlsEndpoint, TakesNoMoreThanItsBounds) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  ASSERT_EQ(longest.size(), 253);
  EXPECT_EQ(
      parsed(longest + ":65535/" + longest + " starttls=postgres revocation=ocsp").server_name,
      longest);
  EXPECT_THAT(complaint("a.example:443/" + longest + "a"), HasSubstr("after the slash"));
  const std::string said = complaint("a.example:443/" + std::string(10'000, 'a'));
  EXPECT_THAT(said, HasSubstr("is longer than 640 bytes"));
  EXPECT_THAT(said.size(), testing::Lt(400));
  EXPECT_THAT(complaint(std::string(641, ' ')), HasSubstr("is longer than 640 bytes"));
  EXPECT_THAT(complaint(std::string(640, ' ')), Not(HasSubstr("is longer than")));
}

TEST(TlsEndpoint, IsDialledAtItsAddressAndOtherKindsAtTheWholeText) {
  EXPECT_EQ(dialled_address("tls", "a.example:25/b.example starttls=smtp")->text(), "a.example:25");
  EXPECT_EQ(dialled_address("tcp", "a.example:25")->text(), "a.example:25");
  EXPECT_FALSE(dialled_address("tcp", "a.example:25/b.example").ok());
  EXPECT_FALSE(dialled_address("tcp", "a.example:25 starttls=smtp").ok());
  EXPECT_FALSE(dialled_address("tls", "a.example").ok());
}

}  // namespace
}  // namespace muster

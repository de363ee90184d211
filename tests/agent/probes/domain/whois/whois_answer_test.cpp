#include "agent/probes/domain/whois/whois_answer.h"

#include <gtest/gtest.h>

#include <string>

#include "agent/probes/domain/whois/answer_fields.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::domains::whois {
namespace {

using Names = std::vector<std::string>;

std::string shown(const std::optional<RegistryTime>& time) {
  return time ? to_iso8601(time->time) : "none";
}

TEST(WhoisAnswer, OfAGenericRegistryGivesEverything) {
  const Registration found = read_whois(
      "Domain Name: EXAMPLE.TEST\r\n"
      "Registry Domain ID: 1_DOMAIN\r\n"
      "Registrar WHOIS Server: whois.Registrar.example\r\n"
      "Updated Date: 2025-01-02T03:04:05Z\r\n"
      "Creation Date: 2001-01-02T03:04:05Z\r\n"
      "Registry Expiry Date: 2027-05-06T07:08:09Z\r\n"
      "Registrar Registration Expiration Date: 2028-05-06T07:08:09Z\r\n"
      "Registrar: Example Registrar, Inc.\r\n"
      "Registrar Abuse Contact Email:\r\n"
      "Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited\r\n"
      "Domain Status: CLIENT_HOLD\r\n"
      "Registrant State/Province: CA\r\n"
      "Name Server: NS2.EXAMPLE.TEST\r\n"
      "Name Server: NS1.EXAMPLE.TEST.\r\n"
      "DNSSEC: signedDelegation\r\n"
      ">>> Last update of WHOIS database: 2026-01-01T00:00:00Z <<<\r\n",
      "Example.test");
  EXPECT_EQ(found.kind, AnswerKind::kRegistered);
  EXPECT_EQ(found.domain, "example.test");
  EXPECT_EQ(shown(found.expires), "2027-05-06T07:08:09Z");
  EXPECT_EQ(shown(found.created), "2001-01-02T03:04:05Z");
  EXPECT_EQ(shown(found.changed), "2025-01-02T03:04:05Z");
  EXPECT_EQ(found.registrar, "Example Registrar, Inc.");
  EXPECT_EQ(found.statuses, (Names{"clientHold", "clientTransferProhibited"}));
  EXPECT_EQ(found.name_servers, (Names{"ns1.example.test", "ns2.example.test"}));
  EXPECT_EQ(found.delegation_signed, true);
  EXPECT_EQ(found.referral, "whois.registrar.example");
}

TEST(WhoisAnswer, OfARegistrarGivesItsDateWhereThereIsNoOther) {
  const Registration found = read_whois(
      "Domain Name: example.test\nRegistrar Registration Expiration Date: "
      "2028-05-06T20:00:00-0700\n",
      "example.test");
  EXPECT_EQ(shown(found.expires), "2028-05-07T03:00:00Z");
}

struct Shape {
  std::string_view answer;
  std::string_view expires;
  std::string_view registrar;
  Names name_servers;
};

// One each of the ways in which registries lay out what they say.
TEST(WhoisAnswer, IsReadInManyShapes) {
  const std::vector<Shape> shapes = {
      // Brackets, with letters before them.
      {"[ The register says what it says.      ]\n\nDomain Information:\na. [Domain Name]       "
       "EXAMPLE.TEST\n"
       "p. [Name Server]       ns1.example.test\n[Expires on]           2027/05/06\n[State]   "
       "Connected (2026/03/31)\n",
       "2027-05-06T00:00:00Z",
       "",
       {"ns1.example.test"}},
      // Headings with indented values.
      {"    Domain name:\n        example.test\n\n    Registrar:\n        Example Names Ltd [Tag = "
       "EX]\n        URL: "
       "http://example.org\n\n    Relevant dates:\n        Registered on: 06-May-2001\n        "
       "Expiry date:  06-May-2027\n\n"
       "    Name servers:\n        ns1.example.test     192.0.2.1\n        ns2.example.test\n\n    "
       "WHOIS lookup made at "
       "10:00:00 01-Jan-2026\n",
       "2027-05-06T00:00:00Z",
       "Example Names Ltd [Tag = EX]",
       {"ns1.example.test", "ns2.example.test"}},
      // Contacts below, with dates of their own.
      {"Domain:             example.test\nStatus:             ok\nCreated:            2001-05-06 "
       "00:00:00\nExpire Date: "
       "       2027-05-06\n\nRegistrant\n  Organization:     Example\n  Created:          "
       "2020-01-01 00:00:00\n\n"
       "Registrar\n  Organization:     Names Limited\n  Name:             "
       "NAMES-REG\n\nNameservers\n  ns1.example.test\n",
       "2027-05-06T00:00:00Z",
       "NAMES-REG",
       {"ns1.example.test"}},
      // RPSL with dots, an end that is not the expiry.
      {"domain.............: example.test\nexpires............: 6.5.2027 "
       "09:37:54\navailable..........: 6.6.2027\n\n"
       "Nameservers\n\nnserver............: ns1.example.test "
       "[OK]\n\nRegistrar\n\nregistrar..........: Names SAS\n",
       "2027-05-06T09:37:54Z",
       "Names SAS",
       {"ns1.example.test"}},
      {"domain:        EXAMPLE.TEST\nnserver:       ns1.example.test. 192.0.2.1, "
       "2001:db8::1\nstate:         REGISTERED, "
       "DELEGATED\nregistrar:     NAMES-REG\npaid-till:     2027-05-06T21:00:00Z\nfree-date:     "
       "2027-06-07\n\nLast "
       "updated on 2026-01-01T00:00:00Z\n",
       "2027-05-06T21:00:00Z",
       "NAMES-REG",
       {"ns1.example.test"}},
      // Lists that go on below their field; an option's end is not the domain's.
      {"DOMAIN NAME:           example.test\nnameservers:           ns1.example.test.\n            "
       "           "
       "ns2.example.test.\nrenewal date:          2027.05.06 14:00:00\noption expiration date: "
       "2029.01.01 "
       "00:00:00\n\nREGISTRAR:\nNames sp. z o.o.\nulica 1\n",
       "2027-05-06T14:00:00Z",
       "Names sp. z o.o.",
       {"ns1.example.test", "ns2.example.test"}},
      // Sentences.
      {"Domain Name: example.test\n   Record expires on 2027-05-06 (YYYY-MM-DD)\n   Record created "
       "on 2001-05-06\n\n"
       "   Domain servers in listed order:\n      ns1.example.test\n\nRegistration Service "
       "Provider: NAMES\n",
       "2027-05-06T00:00:00Z",
       "NAMES",
       {"ns1.example.test"}},
      // Two languages.
      {"# KOREAN(UTF8)\n\n도메인이름                  : example.test\n사용 종료일                 "
       ": 2027. 05. 06.\n\n"
       "# ENGLISH\n\nDomain Name                 : example.test\nExpiration Date             : "
       "2027. 05. 06.\n"
       "Authorized Agency           : Names\n\nPrimary Name Server\n   Host Name                : "
       "ns1.example.test\n",
       "2027-05-06T00:00:00Z",
       "Names",
       {"ns1.example.test"}},
      // Tabs, and columns.
      {"Domain name\texample.test\n\nRegistrar\tNames SA\nStreet 1\n\nName "
       "servers\nns1.example.test\t192.0.2.1\n\n"
       "Expires     2027-05-06\n",
       "2027-05-06T00:00:00Z",
       "Names SA",
       {"ns1.example.test"}},
      // Stars before the names, and a month by its name.
      {"** Domain Name: example.test\n\n** Registrar:\nNIC Handle\t\t: x1\nOrganization Name\t: "
       "Names\n\n** Domain "
       "Servers:\nns1.example.test\n\n** Additional Info:\nCreated on..............: 2001-May-06.\n"
       "Expires on..............: 2027-May-06.\n",
       "2027-05-06T00:00:00Z",
       "",
       {}},
      {"domain:       example.test\nexpires:      May  6 2027\nregistrar:    Names\n\nnic-hdl:     "
       " X1\ncreated:      June "
       " 1 2020\n",
       "2027-05-06T00:00:00Z",
       "Names",
       {}},
      {"domain:   example.test\nvalidity:     31-12-2027\nstatus:       Transfer Locked\n",
       "2027-12-31T00:00:00Z",
       "",
       {}},
      // A heading between the date and its name is nobody's.
      {"Domain Name:  EXAMPLE.TEST\n\nRegistrant Contact Information:\n\nEmail:  "
       "x@example.org\nDomain Name Commencement "
       "Date: 31-05-2001\nExpiry Date:  06-05-2027\n\nName Servers "
       "Information:\n\nNS1.EXAMPLE.TEST\n\n",
       "2027-05-06T00:00:00Z",
       "",
       {"ns1.example.test"}},
  };
  for (const Shape& shape : shapes) {
    const Registration found = read_whois(shape.answer, "example.test");
    EXPECT_EQ(found.kind, AnswerKind::kRegistered) << shape.answer;
    EXPECT_EQ(shown(found.expires), shape.expires) << shape.answer;
    EXPECT_EQ(found.registrar, shape.registrar) << shape.answer;
    EXPECT_EQ(found.name_servers, shape.name_servers) << shape.answer;
  }
}

TEST(WhoisAnswer, TakesNoDateOfAContactForTheDomains) {
  const Registration found = read_whois(
      "domain:  example.test\nregistrar: Names\nchanged: 20250506 09:38:55\n\npersonname: "
      "Somebody\ncreated: "
      "19990101\nchanged: 20200101\n",
      "example.test");
  EXPECT_EQ(shown(found.created), "none");
  EXPECT_EQ(shown(found.changed), "2025-05-06T09:38:55Z");
  EXPECT_EQ(shown(found.expires), "none");
}

TEST(WhoisAnswer, SettlesAnAmbiguousDateByAnotherOfTheSameAnswerOrNotAtAll) {
  const auto expires = [](std::string_view created, std::string_view domain,
                          std::string_view remark = "") {
    return shown(read_whois("Domain name: " + std::string(domain) + "\n% " + std::string(remark) +
                                "\nRegistered on: " + std::string(created) +
                                "\nExpiry date: 03/04/2027\n",
                            domain)
                     .expires);
  };
  EXPECT_EQ(expires("25/12/2001", "example.test"), "2027-04-03T00:00:00Z");
  EXPECT_EQ(expires("12/25/2001", "example.test"), "2027-03-04T00:00:00Z");
  EXPECT_EQ(expires("03/04/2001", "example.test"), "none");
  EXPECT_EQ(expires("2001-12-25", "example.test"), "none");
  EXPECT_EQ(expires("03/04/2001", "example.test", "Date format: DD/MM/YYYY"),
            "2027-04-03T00:00:00Z");
  EXPECT_EQ(expires("12/25/2001", "example.test", "Date format: DD/MM/YYYY"), "none");
  // By what is known of the registry.
  EXPECT_EQ(expires("03/04/2001", "example.pt"), "2027-04-03T00:00:00Z");
  EXPECT_EQ(expires("12/25/2001", "example.pt"), "2027-03-04T00:00:00Z");
}

TEST(WhoisAnswer, GivesNoneOfTwoExpiriesThatDiffer) {
  EXPECT_EQ(shown(read_whois("domain: example.test\nexpires: 2027-05-06\nexpiry date: 2028-05-06\n",
                             "example.test")
                      .expires),
            "none");
  EXPECT_EQ(
      shown(read_whois("domain: example.test\nexpires: 2027-05-06\nexpiry date: 06-May-2027\n",
                       "example.test")
                .expires),
      "2027-05-06T00:00:00Z");
}

TEST(WhoisAnswer, MapsStatusesToTheNamesOfEpp) {
  const Registration found = read_whois(
      "Domain:\n     example.test\n\nDomain Status:\n     Active\n     Transfer Prohibited by "
      "Registrar\n     "
      "Redemption\n\nStatus: ok (paid and in zone)\nhold: YES\nState: California\n",
      "example.test");
  EXPECT_EQ(found.kind, AnswerKind::kRegistered);
  EXPECT_EQ(found.statuses,
            (Names{"Active", "clientTransferProhibited", "ok", "redemptionPeriod", "serverHold"}));
}

TEST(WhoisAnswer, SaysOfDnssecOnlyWhatIsSaid) {
  const auto is_signed = [](std::string_view line) {
    return read_whois("domain: example.test\nexpires: 2027-05-06\n" + std::string(line),
                      "example.test")
        .delegation_signed;
  };
  EXPECT_EQ(is_signed("dnssec: Unsigned delegation, no records\n"), false);
  EXPECT_EQ(is_signed("dnssec: signed delegation\n"), true);
  EXPECT_EQ(is_signed("DNSSEC: yes\n"), true);
  EXPECT_EQ(is_signed("ds-rdata: 57724 8 2 ABCD\n"), true);
  EXPECT_EQ(is_signed("[Signing Key]  \n"), std::nullopt);
  EXPECT_EQ(is_signed("DNSSEC: see the registrar\n"), std::nullopt);
  EXPECT_EQ(is_signed("\nRegistrar\n  Name: X\n  DNSSEC: yes\n"), std::nullopt);
}

TEST(WhoisAnswer, RefersToHostsOnly) {
  const auto referral = [](std::string_view line) {
    return read_whois("domain: example.test\n" + std::string(line), "example.test").referral;
  };
  EXPECT_EQ(referral("Registrar WHOIS Server: WHOIS.example.org.\n"), "whois.example.org");
  EXPECT_EQ(referral("refer:   whois.nic.test\nwhois: whois.example.org\n"), "whois.nic.test");
  EXPECT_EQ(referral("whois: whois.nic.test\n"), "whois.nic.test");
  EXPECT_EQ(referral("ReferralServer: whois://whois.nic.test:43\n"), "whois.nic.test");
  for (const std::string_view bad :
       {"https://dns.test/en/whois", "127.0.0.1", "[::1]", "2001:db8::1", "localhost",
        "whois .nic.test", "a..test", "-a.test", "who_is.test", "whois.nic.test/x", "0x7f.1", ""})
    EXPECT_EQ(referral("whois: " + std::string(bad) + "\n"), "") << bad;
  // IANA's answer on the top-level domain is no record of the domain, but says whom to ask.
  const Registration iana = read_whois(
      "% IANA WHOIS server\n\nrefer: whois.nic.test\n\ndomain: TEST\n\nstatus: ACTIVE\ncreated: "
      "1990-01-01\n",
      "example.test");
  EXPECT_EQ(iana.kind, AnswerKind::kUnreadable);
  EXPECT_EQ(iana.referral, "whois.nic.test");
}

TEST(WhoisAnswer, KnowsADomainInItsOwnScript) {
  const Registration found =
      read_whois("Domain Name: bücher.test\nExpiration Time: 2027-05-06 10:00:00\n", "BÜCHER.test");
  EXPECT_EQ(found.kind, AnswerKind::kRegistered);
  EXPECT_EQ(found.domain, "xn--bcher-kva.test");
}

}  // namespace
}  // namespace muster::domains::whois

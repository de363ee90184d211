#include "agent/targets/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/output/status_text.h"
#include "tests/common/certificate_maker.h"

namespace muster::agent {
namespace {

using boost::asio::ip::make_address;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kName = "target-credentials.yml";

Credentials credentials_of(const std::string& text) {
  absl::StatusOr<Credentials> credentials = Credentials::parse(text, kName);
  EXPECT_TRUE(credentials.ok()) << credentials.status();
  return credentials.ok() ? *std::move(credentials) : Credentials();
}

std::string complaint(const std::string& text) {
  const auto credentials = Credentials::parse(text, kName);
  return credentials.ok() ? "" : std::string(text_of(credentials.status()));
}

std::string password(const Credentials& credentials, const std::string& address,
                     std::string_view kind) {
  const Credential* found = credentials.find(make_address(address), kind);
  return found == nullptr ? "" : std::string(found->password.reveal());
}

constexpr const char* kFile =
    "credentials:\n"
    "  - {networks: [10.9.0.0/16, '2001:db8::/32'], kinds: [bmc], username: audit, password: "
    "wide}\n"
    "  - {networks: [10.9.7.0/24], kinds: [bmc, snmp], username: audit, password: narrow}\n"
    "  - {networks: [10.9.7.1], kinds: [snmp], username: audit, password: one}\n";

TEST(TargetCredentials, AreThoseOfTheNarrowestNetworkForTheKind) {
  const Credentials credentials = credentials_of(kFile);
  EXPECT_EQ(password(credentials, "10.9.1.1", "bmc"), "wide");
  EXPECT_EQ(password(credentials, "::ffff:10.9.1.1", "bmc"), "wide");
  EXPECT_EQ(password(credentials, "2001:db8::7", "bmc"), "wide");
  EXPECT_EQ(password(credentials, "10.9.7.1", "bmc"), "narrow");
  EXPECT_EQ(password(credentials, "10.9.7.1", "snmp"), "one");
  EXPECT_EQ(password(credentials, "10.9.7.2", "snmp"), "narrow");
  EXPECT_EQ(credentials.find(make_address("10.9.1.1"), "bmc")->username, "audit");
}

TEST(TargetCredentials, AreForNoOtherAddressAndNoOtherKind) {
  const Credentials credentials = credentials_of(kFile);
  for (const char* address : {"10.8.255.255", "10.10.0.0", "127.0.0.1", "2001:db9::1", "::1",
                              "::10.9.1.1", "64:ff9b::10.9.1.1", "fe80::1%2", "2001:db8::7%2"}) {
    EXPECT_EQ(password(credentials, address, "bmc"), "") << address;
  }
  for (const char* kind : {"tcp", "", "bm", "bmcs", "BMC", "snmp"})
    EXPECT_EQ(password(credentials, "10.9.1.1", kind), "") << kind;
}

TEST(TargetCredentials, OfAFileWithoutAnyAreNone) {
  EXPECT_EQ(password(credentials_of("credentials: []\n"), "10.9.1.1", "bmc"), "");
  EXPECT_EQ(password(Credentials(), "10.9.1.1", "bmc"), "");
}

TEST(TargetCredentials, AWrongEntryIsRefusedWithItsPlaceAndWhatToWrite) {
  const struct {
    const char* entry;
    const char* says;
  } cases[] = {
      {"{kinds: [bmc], username: a, password: hunter2}", "needs 'networks'"},
      {"{networks: [], kinds: [bmc], username: a, password: hunter2}", "needs 'networks'"},
      {"{networks: [10.9.0.1/16], kinds: [bmc], username: a, password: hunter2}", "host bits"},
      {"{networks: [hunter2], kinds: [bmc], username: a, password: x}", "needs 'networks'"},
      {"{networks: [10.9.0.0/16], username: a, password: hunter2}", "needs 'kinds'"},
      {"{networks: [10.9.0.0/16], kinds: ['hunter2 '], username: a, password: x}", "'kinds'"},
      {"{networks: [10.9.0.0/16], kinds: [bmc], password: hunter2}", "'username' has 1 to 255"},
      {"{networks: [10.9.0.0/16], kinds: [bmc], username: hunter2}", "'password' has 1 to 4096"},
  };
  for (const auto& [entry, says] : cases) {
    const std::string said = complaint("credentials:\n  - " + std::string(entry) + "\n");
    EXPECT_THAT(said, StartsWith("target-credentials.yml:2:")) << entry;
    EXPECT_THAT(said, HasSubstr(says)) << entry;
    EXPECT_THAT(said, Not(HasSubstr("hunter2"))) << entry;
  }
}

// As a block of YAML below its key.
std::string block(const std::string& pem) {
  std::string text = "|\n";
  for (size_t at = 0; at < pem.size();) {
    const size_t end = pem.find('\n', at) + 1;
    text += "        " + pem.substr(at, end - at);
    at = end;
  }
  return text;
}

std::string tls_entry(const std::string& certificate, const std::string& key,
                      const std::string& more = "") {
  return "credentials:\n  - networks: [192.0.2.0/24]\n    kinds: [tls]\n" + more +
         "    certificate: " + block(certificate) + "    key: " + block(key);
}

TEST(TargetCredentials, MayBeACertificateAndItsKey) {
  const EvpPkeyPtr key = test::make_key();
  const EvpPkeyPtr other = test::make_key();
  const std::string certificate = test::certificate_pem(test::self_signed({}, key.get()).get());
  const std::string secret = test::key_pem(key.get());
  const Credentials both =
      credentials_of(tls_entry(certificate, secret, "    username: a\n    password: b\n"));
  const Credential* found = both.find(make_address("192.0.2.7"), "tls");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->certificate.reveal(), certificate);
  EXPECT_EQ(found->key.reveal(), secret);
  EXPECT_EQ(found->password.reveal(), "b");
  EXPECT_EQ(credentials_of(tls_entry(certificate, secret)).find(make_address("192.0.3.7"), "tls"),
            nullptr);
  const std::string body = secret.substr(secret.find('\n') + 1, 40);
  for (const std::string& text :
       {tls_entry(certificate, test::key_pem(other.get())), tls_entry(secret, secret),
        tls_entry(certificate, certificate), tls_entry("hunter2\n", secret),
        tls_entry(certificate + std::string(64 << 10, 'x') + "\n", secret),
        tls_entry(certificate, secret.substr(0, secret.size() / 2) + "\n")}) {
    const std::string said = complaint(text);
    EXPECT_THAT(said, HasSubstr("'certificate' and 'key' are PEM of at most 64 KiB each"));
    EXPECT_THAT(said, Not(HasSubstr(body)));
    EXPECT_THAT(said, Not(HasSubstr("hunter2")));
  }
  EXPECT_THAT(complaint("credentials:\n  - {networks: [192.0.2.0/24], kinds: [tls]}\n"),
              HasSubstr("an entry needs 'username' and 'password', or 'certificate' and 'key'"));
}

// Whatever is wrong, where it is written and what is there may be a password.
TEST(TargetCredentials, NoComplaintShowsWhatIsWritten) {
  const char* files[] = {
      "hunter2",
      "hunter2: {}\n",
      "- hunter2\n",
      "credentials: hunter2\n",
      "credentials: [hunter2]\n",
      "credentials: {hunter2: hunter2}\n",
      "credentials:\n  - {password hunter2}\n",
      "credentials:\n  - {pasword: hunter2}\n",
      "credentials:\n  - {password: {hunter2: hunter2}}\n",
      "credentials:\n  - {password: [hunter2]}\n",
      "credentials:\n  - {username: hunter2, username: hunter2}\n",
      "credentials:\n  - {password: &hunter2 x}\n",
      "credentials:\n  - {password: *hunter2}\n",
      "credentials:\n  - {password: !hunter2 x}\n",
      "credentials:\n  - {password: \"hunter2}\n",
      "credentials:\n  - {password: 'it''s hunter2', unknown: hunter2}\n",
  };
  for (const char* file : files) {
    const std::string said = complaint(file);
    EXPECT_THAT(said, StartsWith("target-credentials.yml")) << file;
    EXPECT_THAT(said, Not(HasSubstr("hunter2"))) << file;
  }
}

TEST(TargetCredentials, TheSameNetworkTwiceForAKindIsRefused) {
  EXPECT_THAT(
      complaint("credentials:\n"
                "  - {networks: [10.9.0.0/16], kinds: [bmc, snmp], username: a, password: b}\n"
                "  - {networks: [10.9.0.0/16], kinds: [snmp], username: a, password: c}\n"),
      HasSubstr(":3:16: an entry before this one has one of these networks"));
}

TEST(TargetCredentials, AThousandEntriesAreTakenAndOneMoreIsRefused) {
  std::string text = "credentials:\n";
  for (int i = 0; i < 1000; ++i) {
    text += "  - {networks: [10." + std::to_string(i / 250) + "." + std::to_string(i % 250) +
            ".0/24], kinds: [bmc], username: a, password: b}\n";
  }
  EXPECT_EQ(complaint(text), "");
  text += "  - {networks: [10.9.0.0/16], kinds: [bmc], username: a, password: b}\n";
  EXPECT_THAT(complaint(text), EndsWith("at most 1000 entries are taken"));
}

TEST(TargetCredentials, LongNamesAndManyNetworksAreRefused) {
  const auto entry = [](const std::string& networks, const std::string& username,
                        const std::string& word) {
    return complaint("credentials:\n  - {networks: [" + networks +
                     "], kinds: [bmc], username: " + username + ", password: " + word + "}\n");
  };
  std::string networks = "10.0.0.0/24";
  for (int i = 1; i < 100; ++i)
    networks += ", 10.0." + std::to_string(i) + ".0/24";
  EXPECT_EQ(entry(networks, std::string(255, 'u'), std::string(4096, 'p')), "");
  EXPECT_THAT(entry(networks + ", 10.1.0.0/24", "u", "p"), HasSubstr("at most 100"));
  EXPECT_THAT(entry(networks, std::string(256, 'u'), "p"), HasSubstr("1 to 255 bytes"));
  EXPECT_THAT(entry(networks, "u", std::string(4097, 'p')), HasSubstr("1 to 4096 bytes"));
}

TEST(TargetCredentials, AFileThatOthersMayReadIsRefusedWithWhatToDo) {
  const struct {
    uid_t owner;
    mode_t mode;
    bool good;
  } cases[] = {{0, 0600, true},     {0, 0400, true},  {1000, 0600, true},
               {1001, 0600, false}, {0, 0640, false}, {0, 0604, false},
               {0, 0620, false},    {0, 0601, false}, {1000, 0644, false}};
  for (const auto& [owner, mode, good] : cases) {
    struct stat status {};
    status.st_uid = owner;
    status.st_mode = S_IFREG | mode;
    const absl::Status checked = check_credentials_file(status, 1000, "/etc/muster/c.yml");
    EXPECT_EQ(checked.ok(), good) << owner << ' ' << std::oct << mode;
    EXPECT_EQ(text_of(checked).find("chmod 0600 /etc/muster/c.yml") != std::string_view::npos,
              !good);
  }
}

TEST(Secret, IsOverwrittenWhereItWas) {
  alignas(Secret) unsigned char place[sizeof(Secret)];
  // Short enough to be kept in the object itself, which outlives its end here.
  auto* secret = new (place) Secret("hunter2");
  Secret taken(std::move(*secret));
  EXPECT_EQ(taken.reveal(), "hunter2");
  const std::string_view bytes(reinterpret_cast<const char*>(place), sizeof place);
  EXPECT_EQ(bytes.find("unter2"), std::string_view::npos);
  *secret = std::move(taken);
  EXPECT_EQ(secret->reveal(), "hunter2");
  secret->~Secret();
  EXPECT_EQ(bytes.find("unter2"), std::string_view::npos);
}

}  // namespace
}  // namespace muster::agent

// served_is_on_disk: what a process serves against what lies in files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/rules/renewed_words.h"
#include "common/policy/rules/server_programs.h"
#include "tests/common/policy/served.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kShop = "shop.example.org";
constexpr const char* kShopFile = "/etc/nginx/ssl/shop.pem";
const std::string renewed_sentence =
    "/etc/nginx/ssl/shop.pem renewed 2 h ago, nginx still serves the old one, which ends in 3 "
    "days: reload nginx.service";

v1::Certificate old_one() {
  return with_dates(leaf_for(kShop, "01d"), kNow - days(87), kNow + days(3) + hours(1));
}
v1::Certificate new_one() {
  return with_dates(leaf_for(kShop, "2ew"), kNow - hours(3), kNow + days(90));
}

// nginx at port 443 serves the old one.
struct World {
  v1::ListenerFacts listeners = serving(service_for(kShop), chain_with({old_one()}));
  v1::CertificateFacts certificates = {};

  v1::CertificateFile& file(std::string_view path, std::vector<v1::Certificate> held) {
    v1::CertificateFile& file = add_file(certificates, path);
    *file.mutable_modified_at() = to_proto(kNow - hours(2) - std::chrono::minutes(20));
    for (v1::Certificate& certificate : held)
      *file.add_certificates() = std::move(certificate);
    return file;
  }
  v1::CertificateUse& use(std::string_view program, std::string_view path,
                          std::string_view server_name = "") {
    v1::CertificateUse& use = *certificates.add_uses();
    use.set_program(std::string(program));
    use.set_certificate_path(std::string(path));
    if (!server_name.empty()) use.add_server_names(std::string(server_name));
    return use;
  }
  v1::SocketOwner& owner() { return *listeners.mutable_listeners(0)->mutable_owner(); }
  v1::Verdict judged() const {
    return judge(control_of("served_is_on_disk"),
                 {observed("listeners", listeners), observed("certificates", certificates)});
  }
};

void expect(const World& world, v1::Status status, const std::string& summary) {
  const v1::Verdict verdict = world.judged();
  EXPECT_EQ(verdict.status(), status) << verdict.summary();
  EXPECT_THAT(verdict.summary(), HasSubstr(summary));
}

TEST(ServedIsOnDisk, SaysWhichUnitToReloadWhereARenewedCertificateIsNotServed) {
  World world;
  world.file(kShopFile, {new_one()});
  world.use("nginx", kShopFile, kShop);
  EXPECT_EQ(world.judged().summary(), renewed_sentence);
  EXPECT_EQ(world.judged().status(), v1::STATUS_FAIL);
  EXPECT_EQ(world.judged().subjects(0).subject(), "443/shop.example.org");
  // The sentence reads otherwise when the file is 3 hours old, 40 minutes from now.
  EXPECT_EQ(from_proto(world.judged().valid_until()), kNow + std::chrono::minutes(40));
  // Where the name is not configured, any file of the server counts.
  world.certificates.mutable_uses(0)->clear_server_names();
  EXPECT_EQ(world.judged().summary(), renewed_sentence);
  // Nor is anything to be known of its configuration.
  world.certificates.clear_uses();
  EXPECT_EQ(world.judged().summary(), renewed_sentence);
}

// A script that makes both makes them in one second.
TEST(ServedIsOnDisk, TakesTheOneThatLastsLongerForTheRenewalOfTheSameSecond) {
  World world;
  world.file(kShopFile, {with_dates(new_one(), kNow - days(87), kNow + days(90))});
  world.use("nginx", kShopFile, kShop);
  EXPECT_EQ(world.judged().summary(), renewed_sentence);
  world.certificates.clear_files();
  world.file(kShopFile, {with_dates(new_one(), kNow - days(87), kNow + days(2))});
  expect(world, v1::STATUS_FAIL, "which is not in /etc/nginx/ssl/shop.pem");
}

TEST(ServedIsOnDisk, PassesOnceItIsLoaded) {
  World world;
  world.file(kShopFile, {new_one()});
  world.use("nginx", kShopFile, kShop);
  *world.listeners.mutable_chains(0)->mutable_certificates(0) = new_one();
  expect(world, v1::STATUS_PASS,
         "nginx.service :443 shop.example.org serves shop.example.org of /etc/nginx/ssl/shop.pem");
}

TEST(ServedIsOnDisk, NamesAProcessThatBelongsToNoUnit) {
  struct Case {
    std::string program;
    std::string unit;
    std::string container;
    std::string end;
  };
  for (const Case& c : std::vector<Case>{
           {"slapd", "slapd.service", "",
            "slapd still serves the old one, which ends in 3 days: "
            "restart slapd.service"},
           {"mariadbd", "mariadb.service", "", "restart mariadb.service"},
           {"master", "postfix@-.service", "", "reload postfix@-.service"},
           {"haproxy", "", "", "reload haproxy, which belongs to no unit"},
           {"nginx", "", "3f2a4b5c6d7e8f90", "reload it in its container 3f2a4b5c6"},
           {"", "", "",
            "a process that could not be seen still serves the old one, which ends in "
            "3 days: have it load what is on disk"}}) {
    World world;
    world.file(kShopFile, {new_one()});
    world.owner().set_program(c.program);
    world.owner().set_unit(c.unit);
    world.owner().set_container(c.container);
    expect(world, v1::STATUS_FAIL, c.end);
  }
}

TEST(ServedIsOnDisk, KnowsAProgramByItsProcesses) {
  struct Case {
    std::string process;
    std::string program;
  };
  for (const Case& c : std::vector<Case>{{"mariadbd", "mariadb"},
                                         {"mysqld", "mysql"},
                                         {"postgres", "postgresql"},
                                         {"master", "postfix"},
                                         {"smtpd", "postfix"},
                                         {"httpd", "apache2"},
                                         {"imap-login", "dovecot"},
                                         {"vsftpd", "vsftpd"}}) {
    World world;
    world.owner().set_program(c.process);
    // Elsewhere, so that only its configuration tells that it is this one's.
    world.file("/etc/one/shop.pem", {new_one()});
    world.file("/etc/two/shop.pem", {old_one()});
    world.use(c.program, "/etc/one/shop.pem");
    expect(world, v1::STATUS_FAIL, "/etc/one/shop.pem renewed");
  }
  EXPECT_EQ(program_of("unheard-of"), "unheard-of");
}

TEST(ServedIsOnDisk, TakesWhatIsConfiguredForTheNameBeforeTheRest) {
  World world;
  // Of two keys of one name, the server has both: neither is the other's successor.
  world.file("/etc/ssl/rsa.pem", {old_one()});
  world.file("/etc/ssl/ec.pem", {new_one()});
  world.use("nginx", "/etc/ssl/rsa.pem", kShop);
  world.use("nginx", "/etc/ssl/ec.pem", kShop);
  expect(world, v1::STATUS_PASS, "of /etc/ssl/rsa.pem");
  // The file for this name was renewed; that another has the old one does not help.
  world.certificates.mutable_uses(0)->set_server_names(0, "other.example.org");
  expect(world, v1::STATUS_FAIL, "/etc/ssl/ec.pem renewed 2 h ago, nginx still serves");
  // At another port it serves what is not for the name at all: that is not this rule's matter.
  world.certificates.mutable_files(1)->mutable_certificates(0)->set_subject_alternative_names(
      0, "DNS:x.example.org");
  expect(world, v1::STATUS_PASS, "of /etc/ssl/rsa.pem");
}

TEST(ServedIsOnDisk, TakesAWildcardAndMoreNamesForARenewalOfTheSame) {
  World world;
  v1::Certificate wider = new_one();
  wider.set_subject_alternative_names(0, "DNS:*.Example.org");
  world.file(kShopFile, {wider});
  world.use("nginx", kShopFile, kShop);
  EXPECT_EQ(world.judged().summary(), renewed_sentence);
  wider.set_subject_alternative_names(0, "DNS:other.example.org");
  *world.certificates.mutable_files(0)->mutable_certificates(0) = wider;
  expect(world, v1::STATUS_FAIL, "which is not in /etc/nginx/ssl/shop.pem, with which it is");
  wider.add_subject_alternative_names("DNS:shop.example.org");
  *world.certificates.mutable_files(0)->mutable_certificates(0) = wider;
  EXPECT_EQ(world.judged().summary(), renewed_sentence);
  // The older of two is nobody's renewal.
  *world.certificates.mutable_files(0)->mutable_certificates(0)->mutable_not_before() =
      to_proto(kNow - days(300));
  expect(world, v1::STATUS_FAIL, "with which it is configured: reload nginx.service");
}

TEST(ServedIsOnDisk, IsUnmetByAnotherCertificateOnlyWhereAllThatIsConfiguredCouldBeRead) {
  World world;
  world.file(kShopFile, {leaf_for("unrelated.example.org", "ff")});
  world.use("nginx", kShopFile);
  expect(world, v1::STATUS_FAIL,
         "nginx serves shop.example.org, which is not in /etc/nginx/ssl/shop.pem, with which it is "
         "configured: reload nginx.service");
  World broken = world;
  broken.certificates.mutable_files(0)->set_error("Permission denied");
  expect(broken, v1::STATUS_UNKNOWN,
         "/etc/nginx/ssl/shop.pem, with which it is configured, could not be read: Permission "
         "denied");
  World missing = world;
  missing.certificates.mutable_files(0)->set_path("/elsewhere");
  expect(missing, v1::STATUS_UNKNOWN, "could not be read: it was not found");
  World empty = world;
  empty.certificates.mutable_files(0)->clear_certificates();
  expect(empty, v1::STATUS_UNKNOWN, "could not be read: it has no certificate");
  World unread = world;
  unread.certificates.add_unread_configurations("/etc/nginx/nginx.conf: Permission denied");
  expect(unread, v1::STATUS_UNKNOWN, "could not be read: /etc/nginx/nginx.conf: Permission denied");
  // Another socket serves what is configured: so this one has another source.
  World two = world;
  *add_listener(two.listeners, 8443).add_services() = service_for("", 2);
  *two.listeners.add_chains() = chain_with({leaf_for("unrelated.example.org", "ff")});
  EXPECT_THAT(lines(two.judged()),
              ElementsAre(HasSubstr("8443 | pass"),
                          HasSubstr("443/shop.example.org | not_applicable | nginx.service :443 "
                                    "shop.example.org serves shop.example.org, which was not "
                                    "found on disk")));
}

// Where the configuration of nginx itself could not be read, no file is known to be what it is to
// serve.
TEST(ServedIsOnDisk, IsUnknownOfAServerWhoseConfigurationCouldNotBeRead) {
  World world;
  world.file("/opt/old.pem", {old_one()});
  world.certificates.add_unread_configurations("/etc/nginx/nginx.conf: Permission denied");
  expect(world, v1::STATUS_UNKNOWN,
         "what it is configured with could not be read: /etc/nginx/nginx.conf: Permission denied");
  // Of a program whose configurations nobody reads it says nothing.
  world.owner().set_program("shopd");
  expect(world, v1::STATUS_PASS, "serves shop.example.org of /opt/old.pem");
}

// Anybody may call a process nginx.
TEST(ServedIsOnDisk, TakesNoOtherProcessForTheServer) {
  World world;
  world.file(kShopFile, {leaf_for("unrelated.example.org", "ff")});
  world.use("nginx", kShopFile);
  v1::Listener& pretender = add_listener(world.listeners, 8443);
  pretender.mutable_owner()->set_executable("/home/eve/nginx");
  pretender.mutable_owner()->set_unit("user@1000.service");
  *pretender.add_services() = service_for("", 2);
  *world.listeners.add_chains() = chain_with({leaf_for("unrelated.example.org", "ff")});
  EXPECT_THAT(lines(world.judged()), ::testing::Contains(HasSubstr("443/shop.example.org | fail")));
}

TEST(ServedIsOnDisk, WithoutAConfigurationComparesWithAllFiles) {
  World found;
  found.file("/opt/app/tls.pem", {old_one()});
  expect(found, v1::STATUS_PASS, "serves shop.example.org of /opt/app/tls.pem");
  // A newer one in another folder is another server's; beside it, it is its renewal.
  found.file(kShopFile, {new_one()});
  expect(found, v1::STATUS_PASS, "serves shop.example.org of /opt/app/tls.pem");
  found.file("/opt/app/tls2.pem", {new_one()});
  expect(found, v1::STATUS_FAIL, "/opt/app/tls2.pem renewed 2 h ago");

  World nowhere;
  expect(nowhere, v1::STATUS_NOT_APPLICABLE, "which was not found on disk");
  nowhere.file("/etc/app.jks", {}).set_error("its password is not known");
  expect(nowhere, v1::STATUS_UNKNOWN,
         "which is in no file that could be read; could not: /etc/app.jks");

  // By another authority, or with another type of key, it is another certificate.
  for (const bool other_issuer : {true, false}) {
    World other;
    v1::Certificate certificate = new_one();
    if (other_issuer) {
      certificate.set_issuer("CN=Other");
    } else {
      certificate.set_key_type("EC");
    }
    other.file(kShopFile, {certificate});
    expect(other, v1::STATUS_NOT_APPLICABLE, "which was not found on disk");
  }
}

TEST(ServedIsOnDisk, FindsALeafBehindTheFirstOnlyInAKeyStore) {
  World world;
  v1::CertificateFile& store =
      world.file("/etc/app.jks", {leaf_for("first.example.org", "11"), old_one()});
  expect(world, v1::STATUS_NOT_APPLICABLE, "not found on disk");
  store.add_entry_names("first");
  store.add_entry_names("shop");
  expect(world, v1::STATUS_PASS, "of /etc/app.jks");
}

TEST(ServedIsOnDisk, IsUnknownWithoutTheFilesAndNotApplicableWithoutTls) {
  World world;
  const Control control = control_of("served_is_on_disk");
  EXPECT_EQ(judge(control, {observed("listeners", world.listeners)}).summary(),
            "nginx.service :443 shop.example.org: the probe certificates has not reported yet");
  EXPECT_EQ(judge(control, {observed("listeners", v1::ListenerFacts())}).status(),
            v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(judge(control, {observed("certificates", world.certificates)}).status(),
            v1::STATUS_UNKNOWN);
  world.listeners.mutable_chains(0)->mutable_certificates(0)->clear_sha256();
  expect(world, v1::STATUS_UNKNOWN, "the certificate that is served was not told");
}

TEST(RenewedWords, TellAgesUntilTheyReadOtherwise) {
  struct Case {
    Duration ends_in;
    Duration age;
    std::string words;
    Duration holds;
  };
  const Duration minute = std::chrono::minutes(1);
  const Duration second = std::chrono::seconds(1);
  for (const Case& c : std::vector<Case>{
           {days(3), minute,
            "renewed 1 minute ago, x still serves the old one, which ends in 3 days", kMicrosecond},
           {days(2) + hours(1), days(2),
            "renewed 2 days ago, x still serves the old one, which ends in 2 days",
            hours(1) + kMicrosecond},
           {second, hours(1), "renewed 1 h ago, x still serves the old one, which ends in 1 second",
            kMicrosecond},
           {kMicrosecond, hours(1), "which ends in 0 seconds", kMicrosecond},
           {Duration(0), hours(1), "which ended 0 seconds ago", second},
           {-hours(5), hours(1), "which ended 5 h ago", hours(1)},
           {days(10), -days(1), "renewed 0 seconds ago", kMicrosecond}}) {
    v1::CertificateFile file;
    file.set_path("/a");
    *file.mutable_modified_at() = to_proto(kNow - c.age);
    v1::SocketOwner owner;
    owner.set_program("x");
    const Words words =
        renewed_in_words(file, with_dates({}, kNow - days(50), kNow + c.ends_in), owner, kNow);
    EXPECT_THAT(words.text, HasSubstr(c.words));
    EXPECT_EQ(words.change_at, kNow + c.holds) << words.text;
  }
}

}  // namespace
}  // namespace muster::policy

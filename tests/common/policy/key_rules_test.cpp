// The rules about private keys and revocation lists in files, and certificates in key stores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::KeyFile& add_key_file(v1::CertificateFacts& facts, std::string_view path,
                          std::string_view public_key = "bb", uint32_t mode = 0600) {
  v1::KeyFile& key = *facts.add_keys();
  key.set_path(std::string(path));
  key.set_public_key_sha256(std::string(public_key));
  key.set_owner("root");
  key.set_group("root");
  key.set_mode(mode);
  return key;
}

TEST(KeyFilesPrivate, JudgesByModeGroupAndAccessControlList) {
  struct Case {
    uint32_t mode;
    std::string owner;
    std::string group;
    std::vector<std::string> readers;
    v1::Status status;
    std::string reason;
  };
  const std::string by = "the key can be read or changed by ";
  const std::vector<Case> cases = {
      {0600, "root", "root", {}, v1::STATUS_PASS, "0600, of root:root"},
      {0640, "root", "root", {}, v1::STATUS_PASS, "0640, of root:root"},
      {0640, "root", "ssl-cert", {}, v1::STATUS_PASS, "0640, of root:ssl-cert"},
      {0640, "postgres", "postgres", {}, v1::STATUS_PASS, "0640, of postgres:postgres"},
      {0640,
       "root",
       "users",
       {},
       v1::STATUS_FAIL,
       by + "the group users (0640, of root:users): chmod g-r"},
      {0620,
       "root",
       "users",
       {},
       v1::STATUS_FAIL,
       by + "the group users (0620, of root:users): chmod g-w"},
      {0600, "root", "users", {}, v1::STATUS_PASS, "0600, of root:users"},
      {0644,
       "root",
       "root",
       {},
       v1::STATUS_FAIL,
       by + "every user (0644, of root:root): chmod o-r"},
      {0602,
       "root",
       "root",
       {},
       v1::STATUS_FAIL,
       by + "every user (0602, of root:root): chmod o-w"},
      {0664,
       "root",
       "users",
       {},
       v1::STATUS_FAIL,
       by + "every user, the group users (0664, of root:users): chmod o-r,g-r,g-w"},
      {0600,
       "root",
       "root",
       {"user:backup", "group:ssl-cert"},
       v1::STATUS_FAIL,
       by + "user:backup (0600, of root:root): setfacl -b"},
      {0600,
       "root",
       "root",
       {"group:ssl-cert", "user:root"},
       v1::STATUS_PASS,
       "0600, of root:root"},
      {0644,
       "root",
       "root",
       {"group:all\x1b"},
       v1::STATUS_FAIL,
       by + "every user, group:all\\x1b (0644, of root:root): chmod o-r, and setfacl -b"},
      {0, "", "", {}, v1::STATUS_UNKNOWN, "who can read it is not known"},
  };
  Control control = control_of("key_files_private");
  control.parameters = {{"groups", Globs{"ssl-*"}}};
  for (const Case& c : cases) {
    for (const bool encrypted : {false, true}) {
      v1::CertificateFacts facts;
      v1::KeyFile& key = add_key_file(facts, "/etc/ssl/a.key", "bb", c.mode);
      key.set_owner(c.owner);
      key.set_group(c.group);
      key.set_encrypted(encrypted);
      key.mutable_readers_by_acl()->Assign(c.readers.begin(), c.readers.end());
      const v1::Verdict verdict = judge(control, {observed("certificates", facts)});
      EXPECT_EQ(verdict.status(), c.status) << c.reason;
      EXPECT_EQ(verdict.subjects(0).reason(), c.reason);
      EXPECT_EQ(verdict.subjects(0).subject(), "/etc/ssl/a.key");
    }
  }
}

// Who may write a key can replace it, and a list that nobody could read does not say that nobody is
// in it.
TEST(KeyFilesPrivate, CountsWritersAndIsUnknownOfAListThatCouldNotBeRead) {
  const Control control = control_of("key_files_private");
  v1::CertificateFacts facts;
  v1::KeyFile& key = add_key_file(facts, "/etc/ssl/a.key", "bb", 0600);
  key.set_owner("root");
  key.set_group("root");
  key.add_writers_by_acl("user:deploy");
  v1::Verdict verdict = judge(control, {observed("certificates", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_FAIL);
  EXPECT_THAT(verdict.summary(), HasSubstr("user:deploy (0600, of root:root): setfacl -b"));

  key.clear_writers_by_acl();
  key.set_access_list_error("it is one of NFSv4");
  verdict = judge(control, {observed("certificates", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
  EXPECT_THAT(verdict.summary(), HasSubstr("is not known: it is one of NFSv4"));
  // What the mode allows is known all the same.
  key.set_mode(0644);
  EXPECT_EQ(judge(control, {observed("certificates", facts)}).status(), v1::STATUS_FAIL);
}

TEST(KeyFilesPrivate, AllowsNoGroupThatThePolicyDoesNotName) {
  v1::CertificateFacts facts;
  add_key_file(facts, "/etc/ssl/a.key", "bb", 0640).set_group("ssl-cert");
  EXPECT_EQ(judge(control_of("key_files_private"), {observed("certificates", facts)}).status(),
            v1::STATUS_FAIL);
}

TEST(KeyFilesPrivate, IsUnknownOfFoldersThatCouldNotBeListed) {
  const Control control = control_of("key_files_private");
  EXPECT_EQ(judge(control, {observed("certificates", v1::CertificateFacts())}).summary(),
            "no private keys were found");
  v1::CertificateFacts facts;
  add_key_file(facts, "/etc/ssl/a.key");
  EXPECT_EQ(judge(control, {observed("certificates", facts)}).summary(),
            "1 private key can be read by nobody else");
  facts.add_unreadable_directories()->set_path("/etc/ssl/private");
  EXPECT_EQ(judge(control, {observed("certificates", facts)}).summary(),
            "/etc/ssl/private: it could not be listed");
  EXPECT_EQ(judge(control, {}).status(), v1::STATUS_UNKNOWN);
}

// A certificate with a key beside it.
v1::CertificateFacts paired(std::string_view key_path = "/etc/web.key") {
  v1::CertificateFacts facts;
  v1::CertificateFile& file = add_file(facts, "/etc/web.pem");
  add_certificate(file, "web", kNow, kNow + days(1));
  file.mutable_certificates(0)->set_public_key_sha256("bb");
  file.set_key_path(std::string(key_path));
  return facts;
}

TEST(KeysMatch, ComparesTheKeyBesideACertificateWithIt) {
  const auto judged = [](const v1::CertificateFacts& facts) {
    const v1::Verdict verdict = judge(control_of("keys_match"), {observed("certificates", facts)});
    return lines(verdict).at(0);
  };
  v1::CertificateFacts facts = paired();
  EXPECT_EQ(judged(facts), "/etc/web.pem | unknown | its key /etc/web.key could not be read");
  v1::KeyFile& key = add_key_file(facts, "/etc/web.key");
  EXPECT_EQ(judged(facts), "/etc/web.pem | pass | its key is /etc/web.key");
  key.set_public_key_sha256("cc");
  EXPECT_THAT(judged(facts), HasSubstr("/etc/web.pem | fail | the key /etc/web.key belongs to "
                                       "another certificate: a server that is started with both"));
  // Of several keys in the file, one is enough.
  add_key_file(facts, "/etc/web.key", "bb");
  EXPECT_THAT(judged(facts), HasSubstr(" | pass | "));
  facts.mutable_keys()->RemoveLast();
  facts.mutable_keys(0)->clear_public_key_sha256();
  facts.mutable_keys(0)->set_encrypted(true);
  EXPECT_EQ(judged(facts),
            "/etc/web.pem | unknown | whether its key is /etc/web.key is not known: it takes a "
            "password that the probe was not given");
  facts.mutable_keys(0)->set_error("Permission denied");
  EXPECT_THAT(judged(facts), HasSubstr("is not known: Permission denied"));
  facts.mutable_files(0)->mutable_certificates(0)->clear_public_key_sha256();
  EXPECT_THAT(judged(facts), HasSubstr(" | unknown | the public key of its certificate"));
  EXPECT_THAT(judged(paired("")), HasSubstr(" | not_applicable | no key is known"));
}

TEST(KeysMatch, TakesTheKeyThatAServerIsConfiguredWithBeforeTheOneBeside) {
  v1::CertificateFacts facts = paired();
  add_key_file(facts, "/etc/web.key");
  add_key_file(facts, "/srv/other.key", "cc");
  v1::CertificateUse& use = *facts.add_uses();
  use.set_program("nginx");
  use.set_configured_at("/etc/nginx/nginx.conf:7");
  use.set_certificate_path("/etc/web.pem");
  use.set_key_path("/srv/other.key");
  EXPECT_EQ(judge(control_of("keys_match"), {observed("certificates", facts)}).summary(),
            "/etc/web.pem: the key /srv/other.key belongs to another certificate: nginx "
            "(/etc/nginx/nginx.conf:7) will not start with both, and serves what was there before "
            "until then");
}

// A certificate may be configured twice, with a key of its own each: whichever comes first.
TEST(KeysMatch, ComparesEachKeyThatACertificateIsConfiguredWith) {
  v1::CertificateFacts facts = paired();
  add_key_file(facts, "/etc/web.key");
  add_key_file(facts, "/srv/other.key", "cc");
  const auto add_use = [&facts](const std::string& at, const std::string& key) {
    v1::CertificateUse& use = *facts.add_uses();
    use.set_program("nginx");
    use.set_configured_at(at);
    use.set_certificate_path("/etc/web.pem");
    use.set_key_path(key);
  };
  const auto judged = [&facts] {
    return lines(judge(control_of("keys_match"), {observed("certificates", facts)}));
  };
  add_use("a:1", "/etc/web.key");
  add_use("a:2", "/etc/web.key");
  EXPECT_THAT(judged(), ElementsAre("/etc/web.pem | pass | its key is /etc/web.key"));
  add_use("b:1", "/srv/gone.key");
  EXPECT_THAT(judged(), ElementsAre("/etc/web.pem | unknown | its key /srv/gone.key could not be "
                                    "read"));
  add_use("b:2", "/srv/other.key");
  EXPECT_THAT(judged(),
              ElementsAre(HasSubstr("/etc/web.pem | fail | the key /srv/other.key belongs "
                                    "to another certificate: nginx (b:2) will not")));
  for (const std::string name : {"1", "2", "3", "4"}) {
    add_key_file(facts, "/srv/" + name, "dd");
    add_use("c:" + name, "/srv/" + name);
  }
  EXPECT_THAT(judged(), ElementsAre(HasSubstr("; and 2 more")));
}

TEST(KeysMatch, IsUnknownOfAConfiguredFileThatCouldNotBeRead) {
  v1::CertificateFacts facts;
  add_key_file(facts, "/etc/ssl/a.key", "aa");
  v1::CertificateFile& file = *facts.add_files();
  file.set_path("/etc/ssl/a.pem");
  file.set_error("Permission denied");
  v1::CertificateUse& use = *facts.add_uses();
  use.set_program("nginx");
  use.set_certificate_path("/etc/ssl/a.pem");
  use.set_key_path("/etc/ssl/a.key");
  const v1::Verdict verdict = judge(control_of("keys_match"), {observed("certificates", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
  EXPECT_THAT(
      verdict.summary(),
      HasSubstr("nginx is configured with it, and it could not be read: Permission denied"));
}

TEST(RevocationListsCurrent, AreDueBeforeTheirEndAndFailAtIt) {
  struct Case {
    Duration lasts;
    Duration age;
    v1::Status status;
    std::string reason;
  };
  const std::string list = "the list of CN=VPN ";
  // With 2 days, or a third of its lifetime.
  for (const Case& c : std::vector<Case>{
           {days(30), days(1), v1::STATUS_PASS,
            list + "ends on 2026-12-20, to be renewed from 2026-12-18"},
           {days(30), days(29), v1::STATUS_DUE, list + "ends on 2026-11-22 and is not renewed"},
           {days(3), days(1), v1::STATUS_PASS,
            list + "ends on 2026-11-23, to be renewed from 2026-11-22"},
           {days(3), days(2), v1::STATUS_DUE, list + "ends on 2026-11-22 and is not renewed"},
           {days(3), days(3) - kMicrosecond, v1::STATUS_DUE,
            list + "ends on 2026-11-21 and is not renewed"},
           {days(3), days(3), v1::STATUS_FAIL, list + "ended on 2026-11-21"},
           {days(3), days(9), v1::STATUS_FAIL, list + "ended on 2026-11-15"}}) {
    v1::CertificateFacts facts;
    v1::RevocationList& crl = *add_file(facts, "/etc/openvpn/crl.pem").add_revocation_lists();
    crl.set_issuer("CN=VPN");
    *crl.mutable_this_update() = to_proto(kNow - c.age);
    *crl.mutable_next_update() = to_proto(kNow - c.age + c.lasts);
    const v1::Verdict verdict =
        judge(control_of("revocation_lists_current"), {observed("certificates", facts)});
    EXPECT_EQ(verdict.status(), c.status) << c.reason;
    EXPECT_EQ(verdict.subjects(0).reason(), c.reason);
  }
}

TEST(RevocationListsCurrent, AreUnknownWhereTheyCouldNotBeReadAndNotApplicableWithoutAnEnd) {
  v1::CertificateFacts facts;
  v1::CertificateFile& file = add_file(facts, "/etc/openvpn/a.pem");
  file.add_revocation_lists()->set_issuer("CN=A");
  file.set_error("the second is cut off");
  add_file(facts, "/etc/pki/crl.pem").set_error("Permission denied");
  // Of this nobody says that it is one.
  add_file(facts, "/etc/crl/b.pem").set_error("Permission denied");
  EXPECT_THAT(
      lines(judge(control_of("revocation_lists_current"), {observed("certificates", facts)})),
      ElementsAre("/etc/openvpn/a.pem#2 | unknown | the second is cut off",
                  "/etc/pki/crl.pem | unknown | Permission denied",
                  "/etc/openvpn/a.pem | not_applicable | the list of CN=A does not say until when "
                  "it is good"));
  EXPECT_EQ(judge(control_of("revocation_lists_current"),
                  {observed("certificates", v1::CertificateFacts())})
                .summary(),
            "no revocation lists were found");
}

// What is wrong with a file that has lists and nothing else is told once.
TEST(RevocationListsCurrent, JudgesAFileOfListsAndNotTheRulesAboutCertificates) {
  v1::CertificateFacts facts;
  v1::CertificateFile& file = add_file(facts, "/etc/mine/vpn.pem");
  v1::RevocationList& list = *file.add_revocation_lists();
  list.set_issuer("CN=VPN");
  *list.mutable_this_update() = to_proto(kNow - days(9));
  *list.mutable_next_update() = to_proto(kNow - days(1));
  file.set_error("it holds a revocation list, and no certificate");
  const auto judged = [&facts](const std::string& rule) {
    return judge(control_of(rule), {observed("certificates", facts)});
  };
  EXPECT_THAT(
      lines(judged("revocation_lists_current")),
      ElementsAre(
          "/etc/mine/vpn.pem | fail | the list of CN=VPN ended on 2026-11-20",
          "/etc/mine/vpn.pem#2 | unknown | it holds a revocation list, and no certificate"));
  for (const std::string rule : {"certificate_not_expired", "certificate_renewal"})
    EXPECT_EQ(judged(rule).summary(), "no certificates were found");
  // With a certificate in it, what follows may be another.
  add_certificate(file, "b", kNow - days(1), kNow + days(60));
  EXPECT_EQ(judged("certificate_not_expired").status(), v1::STATUS_UNKNOWN);
}

TEST(Certificates, OfAKeyStoreHaveTheNamesOfTheirEntries) {
  v1::CertificateFacts facts;
  v1::CertificateFile& store = add_file(facts, "/etc/app.jks");
  for (const std::string name : {"tomcat", "tomcat", "old", ""}) {
    add_certificate(store, "x", kNow - days(1), kNow + days(1));
    store.add_entry_names(name);
  }
  const auto subjects = [&facts] {
    std::vector<std::string> result;
    const v1::Verdict verdict =
        judge(control_of("certificate_not_expired"), {observed("certificates", facts)});
    for (const v1::SubjectVerdict& subject : verdict.subjects())
      result.push_back(subject.subject());
    return result;
  };
  EXPECT_THAT(subjects(), ElementsAre("/etc/app.jks#4", "/etc/app.jks#old", "/etc/app.jks#tomcat",
                                      "/etc/app.jks#tomcat#2"));
  // Of a probe that names some of them, none is taken.
  store.mutable_entry_names()->RemoveLast();
  EXPECT_THAT(subjects(),
              ElementsAre("/etc/app.jks", "/etc/app.jks#2", "/etc/app.jks#3", "/etc/app.jks#4"));
}

}  // namespace
}  // namespace muster::policy

// Looks at roots with private keys: whose they are, who reads them, what they belong to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <string>

#include "agent/probes/certificates/key_rights.h"
#include "agent/probes/certificates/public_key.h"
#include "tests/agent/probes/certificates/access_list_maker.h"
#include "tests/agent/probes/certificates/key_store_maker.h"
#include "tests/agent/probes/certificates/look_world.h"

namespace muster {
namespace {

using test::certificate_facts;
using test::file_at;
using test::key_at;
using test::WithoutRights;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class KeyFiles : public testing::Test {
 protected:
  const test::TestRoot root_;
  const EvpPkeyPtr key_ = test::make_key();
  const std::string pem_ = test::certificate_pem(test::self_signed({}, key_.get()).get());
  const std::string key_pem_ = test::key_pem(key_.get());
  const std::string public_half_ = public_key_facts(key_.get()).sha256;
};

TEST_F(KeyFiles, AreReportedWithWhoMayReadThem) {
  root_.write("/etc/nginx/web.crt", pem_);
  root_.write("/etc/nginx/web.key", key_pem_);
  root_.set_mode("/etc/nginx/web.key", 0644);
  // Names of the root that is looked at, not of this machine.
  const std::string owner = std::to_string(::geteuid());
  const std::string group = std::to_string(::getegid());
  root_.write("/etc/passwd", "captain:x:" + owner + ":1:::\n");
  const v1::CertificateFacts facts = certificate_facts(root_.path());
  ASSERT_THAT(facts.keys(), SizeIs(1));
  const v1::KeyFile& key = facts.keys(0);
  EXPECT_EQ(key.path(), "/etc/nginx/web.key");
  EXPECT_EQ(key.owner(), "captain");
  EXPECT_EQ(key.group(), group);
  EXPECT_EQ(key.mode(), 0644U);
  EXPECT_THAT(key.readers_by_acl(), IsEmpty());
  EXPECT_EQ(key.error(), "");
  EXPECT_EQ(key.public_key_sha256(), public_half_);
  const v1::CertificateFile file = file_at(facts, "/etc/nginx/web.crt");
  EXPECT_EQ(file.key_path(), "/etc/nginx/web.key");
  EXPECT_EQ(file.certificates(0).public_key_sha256(), public_half_);
}

// The mode of a link is no mode: what counts is the file at its end.
TEST_F(KeyFiles, AreJudgedAtTheEndOfTheirLinks) {
  root_.write("/etc/letsencrypt/archive/a/privkey1.pem", key_pem_);
  root_.set_mode("/etc/letsencrypt/archive/a/privkey1.pem", 0640);
  root_.write("/etc/letsencrypt/archive/a/fullchain1.pem", pem_);
  root_.link("/etc/letsencrypt/live/a/privkey.pem", "../../archive/a/privkey1.pem");
  root_.link("/etc/letsencrypt/live/a/fullchain.pem", "../../archive/a/fullchain1.pem");
  const v1::CertificateFacts facts = certificate_facts(root_.path());
  EXPECT_EQ(key_at(facts, "/etc/letsencrypt/live/a/privkey.pem").mode(), 0640U);
  const v1::CertificateFile file = file_at(facts, "/etc/letsencrypt/live/a/fullchain.pem");
  EXPECT_EQ(file.links_to(), "/etc/letsencrypt/archive/a/fullchain1.pem");
  EXPECT_EQ(file.key_path(), "/etc/letsencrypt/live/a/privkey.pem");
}

TEST_F(KeyFiles, AreReadByWhomAnAccessListNames) {
  root_.write("/etc/nginx/web.key", key_pem_);
  root_.set_mode("/etc/nginx/web.key", 0600);
  root_.write("/etc/passwd", "backup:x:34:34:::\n");
  const std::string list =
      test::access_list({{1, 6, 0}, {2, 4, 34}, {4, 0, 0}, {16, 4, 0}, {32, 0, 0}});
  ASSERT_EQ(::setxattr((root_.path() + "/etc/nginx/web.key").c_str(), "system.posix_acl_access",
                       list.data(), list.size(), 0),
            0)
      << "the temporary directory is on a file system without access control lists";
  const v1::KeyFile key = key_at(certificate_facts(root_.path()), "/etc/nginx/web.key");
  EXPECT_THAT(key.readers_by_acl(), ElementsAre("user:backup"));
  EXPECT_THAT(key.writers_by_acl(), IsEmpty());
  EXPECT_EQ(key.access_list_error(), "");
  EXPECT_EQ(key.mode(), 0640U);  // the mask stands where the group's rights stood
}

TEST_F(KeyFiles, AreReplacedByWhomAnAccessListNames) {
  root_.write("/etc/nginx/web.key", key_pem_);
  const std::string list =
      test::access_list({{1, 6, 0}, {2, 2, 34}, {4, 0, 0}, {16, 6, 0}, {32, 0, 0}});
  ASSERT_EQ(::setxattr((root_.path() + "/etc/nginx/web.key").c_str(), "system.posix_acl_access",
                       list.data(), list.size(), 0),
            0)
      << "the temporary directory is on a file system without access control lists";
  const v1::KeyFile key = key_at(certificate_facts(root_.path()), "/etc/nginx/web.key");
  EXPECT_THAT(key.writers_by_acl(), ElementsAre("user:34"));
  EXPECT_THAT(key.readers_by_acl(), IsEmpty());
}

// Of a key in a file with one attribute, or an error in place of it.
v1::KeyFile key_with_attribute(const std::string& name, const absl::StatusOr<std::string>& value) {
  const test::TestRoot root;
  root.write("/web.key", "");
  const KeyRights rights(root.path(), [&](const std::string&, const char* asked) {
    return asked == name ? value : absl::StatusOr<std::string>(absl::NotFoundError("none"));
  });
  v1::KeyFile key;
  rights.describe("/web.key", probe::status_in_root(root.path(), "/web.key").value(), key);
  return key;
}

// Nobody can say that such a key is private: it is not one without a list.
TEST(KeyRights, SayWhyAnAccessListIsNotKnown) {
  for (const std::string name : {"system.posix_acl_access", "system.nfs4_acl"}) {
    const v1::KeyFile key = key_with_attribute(name, absl::UnavailableError("I/O error"));
    EXPECT_EQ(key.access_list_error(), "its access control list cannot be read: I/O error");
    EXPECT_EQ(key.error(), "");
    EXPECT_FALSE(key.owner().empty());
  }
  EXPECT_EQ(key_with_attribute("system.posix_acl_access", "\3").access_list_error(),
            "its access control list is of an unknown form");
  EXPECT_EQ(key_with_attribute("user.other", "").access_list_error(), "");
}

TEST(KeyRights, SayThatAListOfNfsIsThere) {
  for (const std::string name : {"system.nfs4_acl", "system.nfs4_acl_xdr"}) {
    EXPECT_THAT(key_with_attribute(name, std::string(4, '\0')).access_list_error(),
                HasSubstr("an NFSv4 access control list"));
  }
}

TEST(KeyRights, TellNoListFromOneThatCannotBeReadFromTheKernel) {
  const test::TestRoot root;
  root.write("/web.key", "");
  EXPECT_TRUE(
      absl::IsNotFound(read_attribute(root.path() + "/web.key", "system.nfs4_acl").status()));
  EXPECT_TRUE(
      absl::IsUnavailable(read_attribute(root.path() + "/gone", "system.nfs4_acl").status()));
}

TEST_F(KeyFiles, InOneFileWithTheirCertificateAreBoth) {
  root_.write("/etc/postfix/both.pem", key_pem_ + pem_);
  const v1::CertificateFacts facts = certificate_facts(root_.path());
  EXPECT_EQ(file_at(facts, "/etc/postfix/both.pem").key_path(), "/etc/postfix/both.pem");
  EXPECT_EQ(file_at(facts, "/etc/postfix/both.pem").error(), "");
  EXPECT_EQ(key_at(facts, "/etc/postfix/both.pem").public_key_sha256(), public_half_);
}

TEST_F(KeyFiles, ThatMayNotBeReadAreSaidToBeThere) {
  root_.write("/etc/nginx/web.key", key_pem_);
  root_.set_mode("/etc/nginx/web.key", 0600);
  const WithoutRights user;
  const v1::KeyFile key = key_at(certificate_facts(root_.path()), "/etc/nginx/web.key");
  EXPECT_THAT(key.error(), HasSubstr("Permission denied: run the probe as root"));
  EXPECT_EQ(key.mode(), 0600U);
  EXPECT_EQ(key.public_key_sha256(), "");
}

// What a server is configured with as its key is no missing certificate where it may not be read.
TEST_F(KeyFiles, ThatServersAreConfiguredWithAreKeysWhateverTheirNames) {
  root_.write("/opt/tls/site", pem_);
  root_.write("/opt/tls/secret", key_pem_);
  root_.write("/opt/tls/none", "no key");
  root_.set_mode("/opt/tls/secret", 0600);
  const PasswordTable passwords;
  CertificateCollection collection({});
  CertificateSearch search(
      root_.path(), {}, passwords,
      {.file = [&](v1::CertificateFile f) { collection.add_file(std::move(f)); },
       .key = [&](v1::KeyFile key) { collection.add_key(std::move(key)); },
       .problem = [](const v1::CertificateFile&) { FAIL(); }});
  {
    const WithoutRights user;
    search.look_at_use("/opt/tls/site");
    search.look_at_key("/opt/tls/secret");
    search.look_at_key("/opt/tls/none");
    search.look_at_key("/opt/tls/gone");
    search.look_at_use("/opt/tls/gone");
  }
  const v1::CertificateFacts facts = collection.finish();
  ASSERT_THAT(facts.files(), SizeIs(1));
  EXPECT_EQ(facts.files(0).path(), "/opt/tls/site");
  ASSERT_THAT(facts.keys(), SizeIs(2));
  EXPECT_EQ(key_at(facts, "/opt/tls/none").error(), "it holds no private key");
  EXPECT_THAT(key_at(facts, "/opt/tls/secret").error(), HasSubstr("Permission denied"));
}

TEST_F(KeyFiles, InDerAreKnownByTheirNames) {
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key_.get());
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  const std::string bytes(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  PKCS8_PRIV_KEY_INFO_free(info);
  root_.write("/etc/nginx/web.key", bytes);
  root_.write("/etc/nginx/state.db", bytes);
  // Begins as a key does, and is parameters: passed over in silence.
  root_.write("/etc/nginx/dh.der", std::string("\x30\x06\x02\x01\x17\x02\x01\x02", 8));
  const v1::CertificateFacts facts = certificate_facts(root_.path());
  EXPECT_THAT(facts.keys(), SizeIs(1));
  EXPECT_EQ(key_at(facts, "/etc/nginx/web.key").public_key_sha256(), public_half_);
  EXPECT_THAT(facts.files(), IsEmpty());
}

TEST_F(KeyFiles, AreBoundedAndSaidToBeLeftOut) {
  CertificateCollection collection({.files = 2, .keys = 2, .problems = 4});
  for (const std::string path : {"/c", "/a", "/b", "/d"}) {
    v1::KeyFile key;
    key.set_path(path);
    collection.add_key(std::move(key));
  }
  const v1::CertificateFacts facts = collection.finish();
  ASSERT_THAT(facts.keys(), SizeIs(2));
  EXPECT_EQ(facts.keys(0).path(), "/a");
  ASSERT_THAT(facts.unreadable_directories(), SizeIs(1));
  EXPECT_EQ(facts.unreadable_directories(0).path(), "/b");
  EXPECT_THAT(facts.unreadable_directories(0).error(), HasSubstr("left out, 2 keys in all"));
}

TEST_F(KeyFiles, LeaveNothingOfThemselvesInTheFacts) {
  root_.write("/etc/nginx/both.pem", pem_ + key_pem_);
  root_.write("/etc/nginx/damaged.key", key_pem_.substr(0, 80) + "\n");
  root_.write("/etc/nginx/encrypted.key", test::encrypted_key_pem(key_.get(), "hunter2"));
  root_.write("/etc/passwords", "/etc/nginx/*.key hunter2\n");
  root_.set_mode("/etc/passwords", 0600);
  const v1::CertificateFacts facts =
      certificate_facts(root_.path(), {.password_files = {"/etc/passwords"}});
  EXPECT_EQ(key_at(facts, "/etc/nginx/encrypted.key").public_key_sha256(), public_half_);
  const std::string everything = facts.DebugString();
  EXPECT_THAT(everything, Not(HasSubstr("hunter2")));
  // A line of the key itself.
  EXPECT_THAT(everything, Not(HasSubstr(key_pem_.substr(30, 40))));
}

}  // namespace
}  // namespace muster

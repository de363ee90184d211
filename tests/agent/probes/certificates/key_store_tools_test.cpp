// Key stores as their own tools write them: openssl and keytool. Each is held to what the tool
// itself says of the certificate in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "tests/agent/probes/certificates/look_world.h"
#include "tests/agent/probes/packages_apt/command.h"

namespace muster {
namespace {

using test::certificate_facts;
using test::file_at;
using test::key_at;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Arguments = std::vector<std::string>;

class KeyStoreTools : public testing::Test {
 protected:
  KeyStoreTools() {
    root_.make_directory("/srv");
    root_.write("/etc/passwords",
                "/srv/*good* secret\n/srv/*wrong* Secret\n/srv/old_or_good.p12 other\n");
    root_.set_mode("/etc/passwords", 0600);
  }

  std::string at(const std::string& name) const { return root_.path() + "/srv/" + name; }

  static std::string run(const Arguments& arguments) {
    const test::CommandResult result = test::run_command(arguments, {"HOME=/nonexistent"});
    EXPECT_EQ(result.status, 0) << arguments[0] << ": " << result.output;
    return result.output;
  }

  // The PEM files web.crt and web.key, and the fingerprint of the first as openssl says it.
  std::string make_pair() const {
    run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", at("web.key"),
         "-out", at("web.crt"), "-subj", "/CN=web", "-days", "90"});
    return hex_after(
        run({"openssl", "x509", "-in", at("web.crt"), "-noout", "-fingerprint", "-sha256"}), "=");
  }

  void keytool(const std::string& name, const std::string& type, const std::string& alias) const {
    run({"keytool", "-genkeypair", "-alias", alias, "-keyalg", "EC", "-groupname", "secp256r1",
         "-storetype", type, "-keystore", at(name), "-storepass", "secret", "-keypass", "secret",
         "-dname", "CN=" + alias, "-noprompt"});
  }
  std::string keytool_fingerprint(const std::string& name) const {
    return hex_after(run({"keytool", "-list", "-v", "-keystore", at(name), "-storepass", "secret"}),
                     "SHA256: ");
  }

  // "AB:CD…" behind `label` as "abcd…".
  static std::string hex_after(const std::string& text, const std::string& label) {
    const size_t begin = text.find(label);
    if (begin == std::string::npos) return "nothing said by the tool";
    std::string hex;
    for (size_t i = begin + label.size(); i < text.size() && text[i] != '\n'; ++i) {
      if (std::isxdigit(static_cast<unsigned char>(text[i])) != 0) {
        hex += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
      }
    }
    return hex;
  }

  v1::CertificateFacts look() const {
    return certificate_facts(root_.path(),
                             {.paths = {"/srv"}, .password_files = {"/etc/passwords"}});
  }

  const test::TestRoot root_;
};

TEST_F(KeyStoreTools, Pkcs12OfOpensslIsReadWithTheRightPasswordOnly) {
  const std::string fingerprint = make_pair();
  const auto make = [this](const std::string& name, const Arguments& more) {
    Arguments arguments = {"openssl",     "pkcs12", "-export", "-in",   at("web.crt"), "-inkey",
                           at("web.key"), "-out",   at(name),  "-name", "tomcat"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    run(arguments);
  };
  make("good.p12", {"-passout", "pass:secret"});
  // RC2 of 40 bits for the certificate and 3DES for the key: openssl of before 3.0, and Windows.
  make("good_legacy.p12", {"-passout", "pass:secret", "-legacy"});
  make("old_or_good.p12", {"-passout", "pass:other"});
  make("wrong.p12", {"-passout", "pass:secret"});
  make("none.p12", {"-passout", "pass:secret"});
  make("empty.p12", {"-passout", "pass:"});
  const v1::CertificateFacts facts = look();
  const std::string public_half =
      file_at(facts, "/srv/web.crt").certificates(0).public_key_sha256();
  for (const std::string path :
       {"/srv/good.p12", "/srv/good_legacy.p12", "/srv/old_or_good.p12", "/srv/empty.p12"}) {
    const v1::CertificateFile file = file_at(facts, path);
    EXPECT_EQ(file.error(), "") << path;
    ASSERT_THAT(file.certificates(), SizeIs(1)) << path;
    EXPECT_EQ(file.certificates(0).sha256(), fingerprint);
    EXPECT_THAT(file.entry_names(), ElementsAre("tomcat"));
    EXPECT_EQ(file.format(), v1::CERTIFICATE_FORMAT_PKCS12);
    EXPECT_EQ(key_at(facts, path).public_key_sha256(), public_half) << path;
  }
  EXPECT_EQ(file_at(facts, "/srv/wrong.p12").error(),
            "its password is wrong: see the setting password_files");
  EXPECT_EQ(file_at(facts, "/srv/none.p12").error(),
            "it takes a password: give it in a file of the setting password_files");
  EXPECT_THAT(file_at(facts, "/srv/none.p12").certificates(), IsEmpty());
}

TEST_F(KeyStoreTools, JavasStoresAreReadAndTheirPasswordsChecked) {
  struct Store {
    std::string name;
    std::string type;
    v1::CertificateFormat format;
    std::string error;
  };
  const std::string wrong =
      "its password is wrong, or it was changed: see the setting "
      "password_files";
  const Store stores[] = {
      {"good.jks", "JKS", v1::CERTIFICATE_FORMAT_JKS, ""},
      {"wrong.jks", "JKS", v1::CERTIFICATE_FORMAT_JKS, wrong},
      {"none.jks", "JKS", v1::CERTIFICATE_FORMAT_JKS, ""},
      {"good.jceks", "JCEKS", v1::CERTIFICATE_FORMAT_JCEKS, ""},
      {"wrong.jceks", "JCEKS", v1::CERTIFICATE_FORMAT_JCEKS, wrong},
      {"good_keytool.p12", "PKCS12", v1::CERTIFICATE_FORMAT_PKCS12, ""},
  };
  for (const Store& store : stores)
    keytool(store.name, store.type, "tomcat");
  const v1::CertificateFacts facts = look();
  for (const Store& store : stores) {
    const v1::CertificateFile file = file_at(facts, "/srv/" + store.name);
    EXPECT_EQ(file.error(), store.error) << store.name;
    EXPECT_EQ(file.format(), store.format) << store.name;
    ASSERT_THAT(file.certificates(), SizeIs(1)) << store.name;
    EXPECT_EQ(file.certificates(0).sha256(), keytool_fingerprint(store.name)) << store.name;
    EXPECT_THAT(file.entry_names(), ElementsAre("tomcat"));
    EXPECT_EQ(file.key_path(), "/srv/" + store.name);
  }
  EXPECT_EQ(key_at(facts, "/srv/good_keytool.p12").public_key_sha256(),
            file_at(facts, "/srv/good_keytool.p12").certificates(0).public_key_sha256());
  EXPECT_TRUE(key_at(facts, "/srv/good.jks").encrypted());
}

TEST_F(KeyStoreTools, ATruststoreOfJavaHasItsAliasesAndNoKey) {
  const std::string fingerprint = make_pair();
  for (const std::string type : {"JKS", "PKCS12"}) {
    run({"keytool", "-importcert", "-alias", "partner", "-file", at("web.crt"), "-storetype", type,
         "-keystore", at("good_trust." + type), "-storepass", "secret", "-noprompt"});
  }
  const v1::CertificateFacts facts = look();
  for (const std::string type : {"JKS", "PKCS12"}) {
    const v1::CertificateFile file = file_at(facts, "/srv/good_trust." + type);
    EXPECT_EQ(file.error(), "");
    ASSERT_THAT(file.certificates(), SizeIs(1));
    EXPECT_EQ(file.certificates(0).sha256(), fingerprint);
    EXPECT_THAT(file.entry_names(), ElementsAre("partner"));
    EXPECT_EQ(file.key_path(), "");
  }
  EXPECT_THAT(facts.keys(), SizeIs(1));
}

TEST_F(KeyStoreTools, ASecretKeyOfJavaHidesWhatFollowsItAndIsSaid) {
  keytool("good.jceks", "JCEKS", "tomcat");
  run({"keytool", "-genseckey", "-alias", "session", "-keyalg", "AES", "-keysize", "128",
       "-storetype", "JCEKS", "-keystore", at("good.jceks"), "-storepass", "secret", "-keypass",
       "secret"});
  EXPECT_EQ(file_at(look(), "/srv/good.jceks").error(),
            "what follows the secret key 'session' cannot be read: nothing says where that ends");
}

TEST_F(KeyStoreTools, KeysAndListsOfOpensslAreRead) {
  make_pair();
  run({"openssl", "rsa", "-in", at("web.key"), "-traditional", "-aes128", "-passout", "pass:secret",
       "-out", at("good_traditional.key")});
  run({"openssl", "pkcs8", "-topk8", "-in", at("web.key"), "-scrypt", "-passout", "pass:secret",
       "-out", at("good_scrypt.key")});
  run({"openssl", "pkcs8", "-topk8", "-in", at("web.key"), "-passout", "pass:secret", "-out",
       at("none.key")});
  run({"openssl", "pkcs8", "-topk8", "-in", at("web.key"), "-v1", "PBE-MD5-DES", "-provider",
       "legacy", "-provider", "default", "-passout", "pass:secret", "-out", at("good_des.key")});
  const v1::CertificateFacts facts = look();
  const std::string public_half =
      file_at(facts, "/srv/web.crt").certificates(0).public_key_sha256();
  // As openssl itself says it of the key.
  run({"openssl", "pkey", "-in", at("web.key"), "-pubout", "-outform", "DER", "-out",
       at("public.bin")});
  EXPECT_EQ(hex_after(run({"openssl", "dgst", "-sha256", at("public.bin")}), "= "), public_half);
  for (const std::string path :
       {"/srv/web.key", "/srv/good_traditional.key", "/srv/good_scrypt.key", "/srv/good_des.key"}) {
    EXPECT_EQ(key_at(facts, path).error(), "") << path;
    EXPECT_EQ(key_at(facts, path).public_key_sha256(), public_half) << path;
  }
  EXPECT_TRUE(key_at(facts, "/srv/none.key").encrypted());
  EXPECT_EQ(key_at(facts, "/srv/none.key").error(), "");
}

}  // namespace
}  // namespace muster

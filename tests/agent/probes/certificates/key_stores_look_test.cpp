// Looks at roots with key stores, kubeconfigs, revocation lists and files of passwords.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "agent/probes/certificates/content_kind.h"
#include "tests/agent/probes/certificates/key_store_maker.h"
#include "tests/agent/probes/certificates/look_world.h"

namespace muster {
namespace {

using test::certificate_facts;
using test::file_at;
using test::key_at;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class KeyStores : public testing::Test {
 protected:
  std::string store() const {
    return test::make_pkcs12({.password = "secret"}, key_.get(), certificate_.get());
  }
  v1::CertificateFacts look(const test::LookSettings& settings = {},
                            const SearchLimits& limits = {}) const {
    return certificate_facts(root_.path(), settings, limits);
  }
  // What is said of the only problem.
  std::string problem(const std::string& file) const {
    const v1::CertificateFacts facts = look({.password_files = {file}});
    EXPECT_THAT(facts.unreadable_directories(), SizeIs(1));
    if (facts.unreadable_directories().empty()) return {};
    EXPECT_EQ(facts.unreadable_directories(0).path(), file);
    return facts.unreadable_directories(0).error();
  }

  const test::TestRoot root_;
  const EvpPkeyPtr key_ = test::make_key();
  const X509Ptr certificate_ = test::self_signed({}, key_.get());
  const std::string pem_ = test::certificate_pem(certificate_.get());
};

TEST_F(KeyStores, AreKnownByTheirContentWhateverTheirName) {
  root_.write("/etc/nginx/a.p12", store());
  root_.write("/etc/nginx/b", store());
  root_.write("/etc/nginx/c", test::JavaStore(kJksMagic)
                                  .trusted("ca", test::certificate_der(certificate_.get()))
                                  .finish("x"));
  root_.write("/etc/nginx/broken.jks", "not one");
  const v1::CertificateFacts facts = look();
  ASSERT_THAT(facts.files(), SizeIs(4));
  EXPECT_EQ(file_at(facts, "/etc/nginx/b").format(), v1::CERTIFICATE_FORMAT_PKCS12);
  EXPECT_EQ(file_at(facts, "/etc/nginx/c").format(), v1::CERTIFICATE_FORMAT_JKS);
  EXPECT_THAT(file_at(facts, "/etc/nginx/c").entry_names(), ElementsAre("ca"));
  EXPECT_THAT(file_at(facts, "/etc/nginx/broken.jks").error(), HasSubstr("no certificate"));
}

TEST_F(KeyStores, AreOpenedWithThePasswordsOfRootsFiles) {
  root_.write("/opt/app/keystore.p12", store());
  root_.write("/etc/muster/passwords", "/opt/*/keystore.p12 secret\n");
  root_.set_mode("/etc/muster/passwords", 0600);
  const test::LookSettings settings{.paths = {"/opt/app"},
                                    .password_files = {"/etc/muster/passwords"}};
  const v1::CertificateFacts facts = look(settings);
  const v1::CertificateFile file = file_at(facts, "/opt/app/keystore.p12");
  EXPECT_EQ(file.error(), "");
  EXPECT_THAT(file.entry_names(), ElementsAre("web"));
  EXPECT_EQ(file.key_path(), "/opt/app/keystore.p12");
  EXPECT_EQ(key_at(facts, "/opt/app/keystore.p12").public_key_sha256(),
            file.certificates(0).public_key_sha256());
  EXPECT_THAT(facts.unreadable_directories(), IsEmpty());
  EXPECT_THAT(file_at(look({.paths = {"/opt/app"}}), "/opt/app/keystore.p12").error(),
              HasSubstr("password_files"));
}

TEST_F(KeyStores, AreNotOpenedWithPasswordsThatOthersMayReadOrChange) {
  root_.write("/etc/nginx/a.p12", store());
  root_.write("/etc/muster/passwords", "/etc/nginx/a.p12 secret\n");
  for (const mode_t mode : {0644, 0604, 0620, 0602}) {
    root_.set_mode("/etc/muster/passwords", mode);
    EXPECT_THAT(problem("/etc/muster/passwords"),
                HasSubstr("others may read or change it: chmod 600: its passwords are not used"));
    EXPECT_THAT(file_at(look({.password_files = {"/etc/muster/passwords"}}), "/etc/nginx/a.p12")
                    .certificates(),
                IsEmpty());
  }
  root_.set_mode("/etc/muster/passwords", 0640);
  EXPECT_THAT(look({.password_files = {"/etc/muster/passwords"}}).unreadable_directories(),
              IsEmpty());
  EXPECT_EQ(problem("/etc/muster/gone"), "No such file or directory: its passwords are not used");
  root_.write("/etc/muster/large", std::string((64 << 10) + 1, '#'));
  root_.set_mode("/etc/muster/large", 0600);
  EXPECT_THAT(problem("/etc/muster/large"), HasSubstr("larger than the limit of 65536 bytes"));
  // Nobody writes to it: it is not waited for.
  ASSERT_EQ(::mkfifo((root_.path() + "/etc/muster/fifo").c_str(), 0600), 0);
  EXPECT_EQ(problem("/etc/muster/fifo"), "it is not a regular file: its passwords are not used");
  root_.write("/etc/muster/bad", "secret\n");
  root_.set_mode("/etc/muster/bad", 0600);
  EXPECT_EQ(problem("/etc/muster/bad"),
            "line 1: it must be an absolute path or glob, a blank and the password");
}

TEST_F(KeyStores, ShareTheWorkThatOneLookIsGiven) {
  root_.write("/etc/nginx/a.p12", store());
  root_.write("/etc/nginx/b.p12", store());
  root_.write("/etc/passwords", "/etc/nginx/*.p12 secret\n");
  root_.set_mode("/etc/passwords", 0600);
  // Of each the seal takes 1 round, certificates and key 2,048 each.
  const v1::CertificateFacts facts = look({.password_files = {"/etc/passwords"}}, {.rounds = 5000});
  EXPECT_EQ(file_at(facts, "/etc/nginx/a.p12").error(), "");
  EXPECT_THAT(file_at(facts, "/etc/nginx/b.p12").error(), HasSubstr("more rounds"));
}

TEST_F(KeyStores, OfKubernetesLeadToTheFilesThatTheyName) {
  root_.write("/var/lib/kubelet/pki/current.pem", pem_ + test::key_pem(key_.get()));
  root_.write("/srv/ca/root.crt", pem_);
  root_.write("/etc/kubernetes/manifests/etcd.yaml", "kind: Pod\nusers: []\n");
  root_.write("/etc/kubernetes/kubelet.conf",
              "kind: Config\n"
              "clusters: [{name: c, cluster: {certificate-authority: ../../srv/ca/root.crt}}]\n"
              "users: [{name: u, user: {client-certificate: /var/lib/kubelet/pki/current.pem,\n"
              "  client-key: /var/lib/kubelet/pki/gone.pem}}]\n");
  const v1::CertificateFacts facts = look();
  EXPECT_THAT(facts.files(), SizeIs(2));
  EXPECT_EQ(file_at(facts, "/srv/ca/root.crt").error(), "");
  EXPECT_EQ(file_at(facts, "/var/lib/kubelet/pki/current.pem").key_path(),
            "/var/lib/kubelet/pki/current.pem");
  EXPECT_EQ(key_at(facts, "/var/lib/kubelet/pki/gone.pem").error(),
            "No such file or directory: a kubeconfig names it");
}

TEST_F(KeyStores, OfKubernetesThatNameEachOtherComeToAnEnd) {
  const auto naming = [](const std::string& path) {
    return "kind: Config\nusers: [{name: u, user: {client-certificate: " + path + "}}]\n";
  };
  root_.write("/root/.kube/config", naming("/srv/two"));
  root_.write("/srv/two", naming("/srv/three"));
  root_.write("/srv/three", pem_);
  EXPECT_THAT(look().files(), IsEmpty());
  root_.write("/srv/two", naming("/root/.kube/config"));
  EXPECT_THAT(look().files(), IsEmpty());
}

TEST_F(KeyStores, AreBesideRevocationLists) {
  const std::string pem = test::revocation_list_pem({.revoked = 2}, certificate_.get(), key_.get());
  const std::string der = test::revocation_list_der({.revoked = 2}, certificate_.get(), key_.get());
  root_.write("/etc/nginx/ca.crl", der);
  root_.write("/etc/nginx/revoked.pem", pem);
  root_.write("/srv/revoked.pem", pem);
  root_.write("/srv/ca.crl", der);
  const v1::CertificateFacts facts = look({.paths = {"/srv"}});
  for (const std::string path : {"/etc/nginx/ca.crl", "/etc/nginx/revoked.pem", "/srv/ca.crl"}) {
    const v1::CertificateFile file = file_at(facts, path);
    EXPECT_EQ(file.error(), "") << path;
    ASSERT_THAT(file.revocation_lists(), SizeIs(1)) << path;
    EXPECT_EQ(file.revocation_lists(0).revoked(), 2U);
  }
  // In a place of certificates, and named like one: it is none, and is what it is.
  const v1::CertificateFile named = file_at(facts, "/srv/revoked.pem");
  EXPECT_EQ(named.error(),
            "it holds a revocation list, and no certificate: where that is meant, name the file "
            "itself in the setting paths");
  EXPECT_THAT(named.revocation_lists(), SizeIs(1));
  EXPECT_EQ(file_at(look({.paths = {"/srv/revoked.pem"}}), "/srv/revoked.pem").error(), "");
}

TEST_F(KeyStores, AreLookedAtWhereASettingIsWrongNotAtAll) {
  for (const std::string bad : {"relative", "/etc/*.pass", ""}) {
    v1::ProbeRequest request;
    request.set_root(root_.path());
    v1::ProbeSetting& setting = *request.add_settings();
    setting.set_name("password_files");
    setting.add_values(bad);
    EXPECT_EQ(look_at_certificates(request).reason(),
              "the setting password_files has '" + bad + "': it must be an absolute path");
  }
  v1::ProbeRequest request;
  request.set_root(root_.path());
  v1::ProbeSetting& setting = *request.add_settings();
  setting.set_name("password_files");
  for (int i = 0; i < 17; ++i)
    setting.add_values("/etc/p");
  EXPECT_EQ(look_at_certificates(request).reason(),
            "the setting password_files has 17 values: at most 16 are read");
}

}  // namespace
}  // namespace muster

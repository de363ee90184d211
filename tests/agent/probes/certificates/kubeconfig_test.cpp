#include "agent/probes/certificates/kubeconfig.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/certificates/public_key.h"
#include "tests/agent/probes/certificates/key_store_maker.h"

namespace muster {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

std::string base64(const std::string& text) {
  std::string encoded(text.size() / 3 * 4 + 5, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<size_t>(size));
  return encoded;
}

FileContent read(const std::string& text) {
  Unlocking unlocking;
  FileContent content = read_kubeconfig(text, unlocking);
  EXPECT_EQ(content.file.format(), v1::CERTIFICATE_FORMAT_KUBECONFIG);
  EXPECT_THAT(content.file.entry_names(), SizeIs(content.file.certificates_size()));
  return content;
}

class Kubeconfig : public testing::Test {
 protected:
  const EvpPkeyPtr key_ = test::make_key();
  const std::string leaf_ = base64(test::certificate_pem(
      test::self_signed({.common_name = "kubernetes-admin"}, key_.get()).get()));
  const std::string root_ = base64(
      test::certificate_pem(test::self_signed({.common_name = "kubernetes"}, key_.get()).get()));
  const std::string key_data_ = base64(test::key_pem(key_.get()));
};

// As kubeadm writes /etc/kubernetes/admin.conf.
TEST_F(Kubeconfig, NamesItsCertificatesByUserAndCluster) {
  const FileContent content = read(fmt::format(R"(apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {}
    server: https://10.0.0.1:6443
  name: prod
contexts:
- context:
    cluster: prod
    user: admin
  name: admin@prod
current-context: admin@prod
kind: Config
preferences: {{}}
users:
- name: admin
  user:
    client-certificate-data: {}
    client-key-data: {}
)",
                                               root_, leaf_, key_data_));
  EXPECT_EQ(content.file.error(), "");
  EXPECT_THAT(content.file.entry_names(), ElementsAre("user admin", "cluster prod"));
  EXPECT_EQ(content.file.certificates(0).common_name(), "kubernetes-admin");
  EXPECT_EQ(content.file.certificates(1).common_name(), "kubernetes");
  EXPECT_EQ(content.key.value().public_key_sha256(), public_key_facts(key_.get()).sha256);
  EXPECT_THAT(content.referred_paths, IsEmpty());
}

TEST_F(Kubeconfig, IsReadAsJsonToo) {
  const FileContent content = read(
      R"({"kind":"Config","users":[{"name":"ci","user":{"token":"t","client-certificate-data":")" +
      leaf_ + R"("}}]})");
  EXPECT_EQ(content.file.error(), "");
  EXPECT_THAT(content.file.entry_names(), ElementsAre("user ci"));
  EXPECT_FALSE(content.key.has_value());
}

TEST_F(Kubeconfig, RefersToTheFilesThatItNames) {
  const FileContent content = read(R"(kind: Config
clusters: [{name: a, cluster: {certificate-authority: pki/ca.crt}}]
users:
- {name: kubelet, user: {client-certificate: /var/lib/kubelet/pki/c.pem, client-key: /k.pem}}
)");
  EXPECT_EQ(content.file.error(), "");
  EXPECT_THAT(content.referred_paths, ElementsAre("/var/lib/kubelet/pki/c.pem", "pki/ca.crt"));
  EXPECT_THAT(content.referred_keys, ElementsAre("/k.pem"));
  EXPECT_THAT(content.file.certificates(), IsEmpty());
}

TEST_F(Kubeconfig, NeverHoldsACertificateAgainstAnotherUsersKey) {
  const FileContent content = read(fmt::format(R"(kind: Config
users:
- {{name: token, user: {{client-key-data: {}}}}}
- {{name: admin, user: {{client-certificate-data: {}, client-key: admin.key}}}}
)",
                                               key_data_, leaf_));
  EXPECT_THAT(content.file.entry_names(), ElementsAre("user admin"));
  EXPECT_FALSE(content.key.has_value());
}

TEST_F(Kubeconfig, SaysWhatOfItCannotBeRead) {
  const auto user = [](const std::string& data) {
    return "kind: Config\nusers: [{name: a, user: {client-certificate-data: " + data + "}}]\n";
  };
  const std::pair<std::string, std::string> cases[] = {
      {user("'*'"), "user a, client-certificate-data: it is not base64"},
      {user("[1]"), "user a, client-certificate-data: it is not base64"},
      {user("AAA"), "user a, client-certificate-data: it is not base64"},
      {user(base64("no PEM")),
       "user a, client-certificate-data: it holds no certificate: it is neither PEM nor DER"},
      {"kind: Config\nusers: [\n", "kubeconfig:"},
      {"kind: Config\nusers: &a [*a]\n", "kubeconfig:"},
  };
  for (const auto& [text, error] : cases) {
    const FileContent content = read(text);
    EXPECT_THAT(content.file.error(), StartsWith(error));
    EXPECT_THAT(content.file.certificates(), IsEmpty());
  }
}

TEST_F(Kubeconfig, NeverShowsATokenOrAKey) {
  const FileContent content = read(fmt::format(
      "kind: Config\nusers: [{{name: a, user: {{token: t0psecret, client-key-data: {} }}}}]\n",
      base64("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")));
  const std::string all =
      content.file.DebugString() + content.key.value_or(v1::KeyFile()).DebugString();
  EXPECT_THAT(all, testing::Not(HasSubstr("t0psecret")));
  EXPECT_THAT(all, testing::Not(HasSubstr("c2VjcmV0")));
  EXPECT_THAT(content.key.value().error(), HasSubstr("it cannot be decoded"));
}

TEST_F(Kubeconfig, BoundsWhatItHoldsAndNames) {
  std::string many = "kind: Config\nusers:\n";
  for (size_t i = 0; i <= kMostReferredPaths; ++i)
    many += fmt::format("- {{name: u{}, user: {{client-certificate: c{}}}}}\n", i, i);
  const FileContent names = read(many);
  EXPECT_THAT(names.referred_paths, SizeIs(kMostReferredPaths));
  EXPECT_EQ(names.file.error(), "it names more than 256 files: the others were not looked at");

  const std::string one = test::certificate_pem(test::self_signed({}, key_.get()).get());
  std::string pem;
  for (size_t i = 0; i < kMostCertificates; ++i)
    pem += one;
  const FileContent full = read(fmt::format(
      "kind: Config\nclusters: [{{name: a, cluster: {{certificate-authority-data: {}}}}}, {{name: "
      "b, cluster: {{certificate-authority-data: {}}}}}]\n",
      base64(pem), root_));
  EXPECT_THAT(full.file.certificates(), SizeIs(kMostCertificates));
  EXPECT_EQ(full.file.error(), "it holds more than 1024 certificates: the others are left out");
}

}  // namespace
}  // namespace muster

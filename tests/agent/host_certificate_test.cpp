#include "agent/identity/host_certificate.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/agent/test_certificates.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

class HostCertificateFileTest : public ::testing::Test {
 protected:
  // As a renewal does: another file in its place.
  void put(const std::string& content) const {
    std::ofstream(path_ + ".new") << content;
    std::filesystem::rename(path_ + ".new", path_);
  }
  void put_certificate(long hours) const { put(make_certificate("CA", nullptr, "", hours).pem()); }

  const muster::test::TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/certificate.pem";
  HostCertificateFile file_;
};

TEST_F(HostCertificateFileTest, FollowsARenewedCertificate) {
  put_certificate(24);
  const std::optional<HostCertificate> first = file_.read(path_);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(file_.read(path_), first);
  put_certificate(48);
  EXPECT_GT(file_.read(path_)->not_after, first->not_after);
}

TEST_F(HostCertificateFileTest, IsUnsetWhileTheFileCannotBeRead) {
  EXPECT_EQ(file_.read(path_), std::nullopt);
  put_certificate(24);
  EXPECT_NE(file_.read(path_), std::nullopt);
  put("no certificate");
  EXPECT_EQ(file_.read(path_), std::nullopt);
  std::filesystem::remove(path_);
  EXPECT_EQ(file_.read(path_), std::nullopt);
  put_certificate(24);
  EXPECT_NE(file_.read(path_), std::nullopt);
}

TEST_F(HostCertificateFileTest, IsOfThePathThatIsAskedFor) {
  put_certificate(24);
  EXPECT_NE(file_.read(path_), std::nullopt);
  EXPECT_EQ(file_.read(directory_.path() + "/other.pem"), std::nullopt);
}

}  // namespace
}  // namespace muster::agent

#include "agent/own_section.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/agent/test_certificates.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

class CertificateEndTest : public ::testing::Test {
 protected:
  // As a renewal does: another file in its place.
  void put(const std::string& content) const {
    std::ofstream(path_ + ".new") << content;
    std::filesystem::rename(path_ + ".new", path_);
  }
  void put_certificate(long hours) const { put(make_certificate("CA", nullptr, "", hours).pem()); }

  const muster::test::TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/certificate.pem";
  CertificateEnd end_;
};

TEST_F(CertificateEndTest, FollowsARenewedCertificate) {
  put_certificate(24);
  const std::optional<TimePoint> first = end_.of(path_);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(end_.of(path_), first);
  put_certificate(48);
  EXPECT_GT(end_.of(path_), first);
}

TEST_F(CertificateEndTest, IsUnsetWhileTheFileCannotBeRead) {
  EXPECT_EQ(end_.of(path_), std::nullopt);
  put_certificate(24);
  EXPECT_NE(end_.of(path_), std::nullopt);
  put("no certificate");
  EXPECT_EQ(end_.of(path_), std::nullopt);
  std::filesystem::remove(path_);
  EXPECT_EQ(end_.of(path_), std::nullopt);
  put_certificate(24);
  EXPECT_NE(end_.of(path_), std::nullopt);
}

TEST_F(CertificateEndTest, IsOfThePathThatIsAskedFor) {
  put_certificate(24);
  EXPECT_NE(end_.of(path_), std::nullopt);
  EXPECT_EQ(end_.of(directory_.path() + "/other.pem"), std::nullopt);
}

}  // namespace
}  // namespace muster::agent

#include "agent/probes/certificates/certificate_collection.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace muster {
namespace {

using testing::HasSubstr;

v1::CertificateFile file_at(const std::string& path, const std::string& error = "") {
  v1::CertificateFile file;
  file.set_path(path);
  file.set_error(error);
  return file;
}

TEST(CertificateCollection, SortsByPath) {
  CertificateCollection collection({});
  collection.add_file(file_at("/b"));
  collection.add_file(file_at("/a"));
  collection.add_problem(file_at("/d"));
  collection.add_problem(file_at("/c"));
  const v1::CertificateFacts facts = collection.finish();
  ASSERT_EQ(facts.files_size(), 2);
  EXPECT_EQ(facts.files(0).path(), "/a");
  EXPECT_EQ(facts.unreadable_directories(0).path(), "/c");
  EXPECT_EQ(facts.files_omitted(), 0U);
}

TEST(CertificateCollection, CountsTheFilesBeyondItsLimitAndSaysSo) {
  CertificateCollection collection({});
  for (int i = 0; i < 4096; ++i)
    collection.add_file(file_at(fmt::format("/{}", i)));
  collection.add_file(file_at("/first-omitted"));
  collection.add_file(file_at("/second-omitted"));
  const v1::CertificateFacts facts = collection.finish();
  EXPECT_EQ(facts.files_size(), 4096);
  EXPECT_EQ(facts.files_omitted(), 2U);
  ASSERT_EQ(facts.unreadable_directories_size(), 1);
  EXPECT_EQ(facts.unreadable_directories(0).path(), "/first-omitted");
  EXPECT_THAT(facts.unreadable_directories(0).error(), HasSubstr("left out, 2 in all"));
}

TEST(CertificateCollection, StaysBelowFourMebibytesWhateverItIsGiven) {
  CertificateCollection collection({});
  const std::string path(4096, 'p');
  for (int i = 0; i < 100; ++i) {
    collection.add_file(file_at(path, std::string(100'000, 'e')));
    collection.add_problem(file_at(path, std::string(200, 'e')));
  }
  const v1::CertificateFacts facts = collection.finish();
  EXPECT_LT(facts.ByteSizeLong(), size_t{4} << 20);
  EXPECT_EQ(facts.files_size(), 30);
  EXPECT_EQ(facts.files_omitted(), 70U);
  EXPECT_EQ(facts.unreadable_directories_size(), 65);
  EXPECT_THAT(facts.unreadable_directories(63).error(), HasSubstr("(and 36 more like this)"));
}

TEST(CertificateCollection, LetsOneHugeFileNotHideTheOthers) {
  CertificateCollection collection({.files = 10, .bytes = 1000, .problems = 10});
  collection.add_file(file_at("/huge", std::string(2000, 'e')));
  collection.add_file(file_at("/small"));
  const v1::CertificateFacts facts = collection.finish();
  ASSERT_EQ(facts.files_size(), 1);
  EXPECT_EQ(facts.files(0).path(), "/small");
  EXPECT_EQ(facts.files_omitted(), 1U);
}

}  // namespace
}  // namespace muster

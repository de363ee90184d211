// The reference corpus of comparisons that apk's own tests have: the order right in all. The corpus
// is not part of the repository; it lies in $MUSTER_CORPUS/versions, or beside the checkout in
// shared/corpus/versions.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "agent/probes/packages_apk/apk_version.h"

namespace muster::packages_apk {
namespace {

namespace fs = std::filesystem;

TEST(ApkVersionsCorpus, IsOrderedAsItSays) {
  const char* configured = std::getenv("MUSTER_CORPUS");
  const fs::path file =
      (configured != nullptr ? fs::path(configured)
                             : fs::path(MUSTER_SOURCE_DIRECTORY) / ".." / "shared" / "corpus") /
      "versions" / "apk.tsv";
  if (!fs::exists(file)) {
    // A corpus that was asked for and is not there is a mistake; one beside the checkout is a gift.
    ASSERT_EQ(configured, nullptr) << "MUSTER_CORPUS has no versions/apk.tsv";
    std::printf("versions corpus: the score was not taken, there is no %s\n", file.c_str());
    return;
  }
  std::ifstream stream(file);
  size_t all = 0;
  size_t right = 0;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream columns(line);
    std::string a;
    std::string sign;
    std::string b;
    std::getline(columns, a, '\t');
    std::getline(columns, sign, '\t');
    std::getline(columns, b, '\t');
    const int order = compare_versions(a, b);
    const std::string answer = order < 0 ? "<" : order > 0 ? ">" : "=";
    EXPECT_EQ(answer, sign) << a << " and " << b;
    ++all;
    if (answer == sign) ++right;
  }
  std::printf("versions corpus: apk %zu of %zu\n", right, all);
  EXPECT_GT(all, 0U);
}

}  // namespace
}  // namespace muster::packages_apk

// The reference corpus of package versions: pairs in the order that a package manager has them in.
// It is not part of the repository; it lies in $MUSTER_CORPUS/versions, or beside the checkout in
// shared/corpus/versions. tests/run shows the score that this prints.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace muster::test {

// Holds `compare`, which gives a value below, at or above zero, to the file of `kind`: "deb".
template <typename Compare>
void expect_order_of_corpus(const std::string& kind, const Compare& compare) {
  namespace fs = std::filesystem;
  const char* configured = std::getenv("MUSTER_CORPUS");
  const fs::path corpus =
      (configured != nullptr ? fs::path(configured)
                             : fs::path(MUSTER_SOURCE_DIRECTORY) / ".." / "shared" / "corpus") /
      "versions" / (kind + ".tsv");
  if (!fs::exists(corpus)) {
    // A corpus that was asked for and is not there is a mistake; one beside the checkout is a gift.
    ASSERT_EQ(configured, nullptr) << "MUSTER_CORPUS has no versions/" << kind << ".tsv";
    std::printf("versions corpus: the score of %s was not taken, there is no %s\n", kind.c_str(),
                corpus.c_str());
    return;
  }
  std::ifstream lines(corpus);
  size_t pairs = 0;
  size_t right = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line);
    std::string a;
    std::string expected;
    std::string b;
    std::getline(columns, a, '\t');
    std::getline(columns, expected, '\t');
    std::getline(columns, b, '\t');
    const auto order = compare(a, b);
    const std::string sign = order < 0 ? "<" : order > 0 ? ">" : "=";
    EXPECT_EQ(sign, expected) << a << " and " << b;
    ++pairs;
    if (sign == expected) ++right;
  }
  std::printf("versions corpus: %s %zu of %zu\n", kind.c_str(), right, pairs);
  EXPECT_GT(pairs, 0U);
}

}  // namespace muster::test

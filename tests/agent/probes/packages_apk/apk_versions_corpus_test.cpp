// The order of versions beside the corpus of comparisons that apk's own tests have.
#include <gtest/gtest.h>

#include "agent/probes/packages_apk/apk_version.h"
#include "tests/agent/probes/versions_corpus.h"

namespace muster::packages_apk {
namespace {

TEST(ApkVersionsCorpus, IsOrderedAsItSays) {
  test::expect_order_of_corpus("apk", &compare_versions);
}

}  // namespace
}  // namespace muster::packages_apk

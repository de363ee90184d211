// The table of chains once more, as the openssl program takes it: where it says something else, the
// table says so too.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "agent/probes/tls/verification_handles.h"
#include "tests/agent/probes/tls/chain_stories.h"
#include "tests/common/certificate_maker.h"
#include "tests/common/temporary_directory.h"

namespace muster::tls {
namespace {

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  ASSERT_TRUE(file.good()) << path;
}

TEST(OpensslVerify, TrustsWhatTheTableSaysIsTrusted) {
  const muster::test::TemporaryDirectory directory;
  const std::string at = directory.path();
  int compared = 0;
  for (const test::ChainStory& story : test::chain_stories()) {
    SCOPED_TRACE(story.name);
    std::string behind;
    for (size_t i = 1; i < story.served.size(); ++i)
      behind += muster::test::certificate_pem(decoded(story.served[i]).get());
    // An empty file is an error to openssl.
    if (behind.empty()) behind = story.store;
    write_file(at + "/leaf.pem",
               muster::test::certificate_pem(decoded(story.served.front()).get()));
    write_file(at + "/store.pem", story.store);
    write_file(at + "/behind.pem", behind);
    const int status = std::system(
        fmt::format("openssl verify -no_check_time -no-CApath -no-CAstore -CAfile {0}/store.pem "
                    "-untrusted {0}/behind.pem {0}/leaf.pem >{0}/said 2>&1",
                    at)
            .c_str());
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_LE(WEXITSTATUS(status), 2) << "openssl could not be run";
    const bool trusts = WEXITSTATUS(status) == 0;
    EXPECT_EQ(trusts, (story.trust == v1::CHAIN_TRUST_TRUSTED) != story.openssl_differs);
    ++compared;
  }
  EXPECT_GE(compared, 40);
}

}  // namespace
}  // namespace muster::tls

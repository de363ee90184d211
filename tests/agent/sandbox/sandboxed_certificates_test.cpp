// What the certificates probe does beyond reading files, in its sandbox: it opens key stores of old
// ciphers by a module that it loads, with passwords of a file that only root reads, and asks for
// access control lists.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/objects.h>
#include <openssl/provider.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "agent/launcher/look_result.h"
#include "agent/looking/probe_list.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/probe.pb.h"
#include "tests/agent/probes/certificates/access_list_maker.h"
#include "tests/agent/probes/certificates/key_store_maker.h"
#include "tests/agent/sandbox/sandboxed_program.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

const ProbeRow& certificates() {
  return *std::find_if(all_probes().begin(), all_probes().end(),
                       [](const ProbeRow& row) { return row.name == "certificates"; });
}

class SandboxedKeys : public ::testing::Test {
 protected:
  SandboxedKeys() {
    ::chmod(directory_.path().c_str(), 0755);
    directory_.write("stores/empty", "", 0600);
    ::chmod(directory_.file("stores").c_str(), 0700);
  }

  v1::CertificateFacts look() {
    v1::ProbeRequest message;
    message.set_root("/");
    const auto set = [&message](const std::string& name, const std::string& value) {
      v1::ProbeSetting& setting = *message.add_settings();
      setting.set_name(name);
      setting.add_values(value);
    };
    set("paths", directory_.file("stores"));
    set("password_files", directory_.file("passwords"));
    set("default_paths", "false");
    const ProbeRow& row = certificates();
    LaunchRequest request;
    request.program =
        fmt::format("{}/libexec/muster/probes/{}", MUSTER_BUILD_DIRECTORY, row.program);
    request.timeout = 60s;
    const SandboxPlan plan = plan_of(row.sandbox, request.program,
                                     {directory_.file("stores"), directory_.file("passwords")}, "");
    const SandboxedRun run =
        run_sandboxed(plan, Starter::kRoot, message.SerializeAsString(), request);
    const v1::Section section = section_of(row, request, run.result, TimePoint());
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
    v1::CertificateFacts facts;
    EXPECT_TRUE(facts.ParseFromString(section.facts()));
    return facts;
  }

  test::TemporaryDirectory directory_;
  const EvpPkeyPtr key_ = test::make_key();
  const X509Ptr certificate_ = test::self_signed({}, key_.get());
};

TEST_F(SandboxedKeys, OfAStoreWithOldCiphersAreOpenedAndSeenWithTheirReaders) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root starts a probe as another user";
  OSSL_PROVIDER* usual = OSSL_PROVIDER_load(nullptr, "default");
  OSSL_PROVIDER* legacy = OSSL_PROVIDER_load(nullptr, "legacy");
  ASSERT_NE(legacy, nullptr) << "OpenSSL's module of old ciphers is not installed";
  directory_.write("stores/old.p12",
                   test::make_pkcs12({.certificate_cipher = NID_pbe_WithSHA1And40BitRC2_CBC,
                                      .key_cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC},
                                     key_.get(), certificate_.get()),
                   0600);
  OSSL_PROVIDER_unload(legacy);
  OSSL_PROVIDER_unload(usual);
  directory_.write("passwords", directory_.file("stores/*.p12") + " secret\n", 0600);
  const std::string list =
      test::access_list({{1, 6, 0}, {2, 4, 12345}, {4, 0, 0}, {16, 4, 0}, {32, 0, 0}});
  ASSERT_EQ(::setxattr(directory_.file("stores/old.p12").c_str(), "system.posix_acl_access",
                       list.data(), list.size(), 0),
            0);
  const v1::CertificateFacts facts = look();
  EXPECT_THAT(facts.unreadable_directories(), SizeIs(0)) << facts.DebugString();
  ASSERT_THAT(facts.files(), SizeIs(1));
  EXPECT_EQ(facts.files(0).error(), "");
  ASSERT_THAT(facts.files(0).certificates(), SizeIs(1));
  ASSERT_THAT(facts.keys(), SizeIs(1));
  EXPECT_EQ(facts.keys(0).error(), "");
  EXPECT_EQ(facts.keys(0).owner(), "root");
  EXPECT_EQ(facts.keys(0).group(), "root");
  EXPECT_THAT(facts.keys(0).readers_by_acl(), ElementsAre("user:12345"));
  EXPECT_EQ(facts.keys(0).public_key_sha256(), facts.files(0).certificates(0).public_key_sha256());
}

}  // namespace
}  // namespace muster::agent

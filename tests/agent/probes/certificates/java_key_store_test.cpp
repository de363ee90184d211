#include "agent/probes/certificates/java_key_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/certificates/certificate_parser.h"
#include "tests/agent/probes/certificates/key_store_maker.h"

namespace muster {
namespace {

using test::JavaStore;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

FileContent read(std::string_view bytes, const std::vector<std::string_view>& passwords = {}) {
  return read_java_key_store(bytes, {.passwords = passwords});
}

class JavaKeyStore : public testing::Test {
 protected:
  const EvpPkeyPtr key_ = test::make_key();
  const std::string leaf_ = test::certificate_der(test::self_signed({}, key_.get()).get());
  const std::string root_ = test::certificate_der(
      test::self_signed({.common_name = "Root", .is_authority = true}, key_.get()).get());
};

TEST_F(JavaKeyStore, HasItsCertificatesReadWithoutAPassword) {
  for (const uint32_t version : {1U, 2U}) {
    const std::string bytes = JavaStore(kJksMagic, version)
                                  .private_key("tomcat", {leaf_, root_})
                                  .trusted("internal ca", root_)
                                  .finish("secret");
    const FileContent content = read(bytes);
    EXPECT_EQ(content.file.error(), "");
    EXPECT_EQ(content.file.format(), v1::CERTIFICATE_FORMAT_JKS);
    EXPECT_THAT(content.file.entry_names(), ElementsAre("tomcat", "tomcat", "internal ca"));
    ASSERT_THAT(content.file.certificates(), SizeIs(3));
    EXPECT_EQ(content.file.certificates(0).common_name(), "www.example.org");
    EXPECT_EQ(content.file.certificates(2).common_name(), "Root");
    EXPECT_TRUE(content.key.value().encrypted());
    EXPECT_EQ(content.key->public_key_sha256(), "");
  }
}

TEST_F(JavaKeyStore, OfTrustedCertificatesHasNoKey) {
  EXPECT_FALSE(read(JavaStore(kJksMagic).trusted("ca", root_).finish("x")).key.has_value());
}

TEST_F(JavaKeyStore, IsHeldToItsDigestWhereThereIsAPassword) {
  const std::string bytes = JavaStore(kJceksMagic).trusted("ca", root_).finish("secret");
  EXPECT_EQ(read(bytes, {"secret"}).file.error(), "");
  EXPECT_EQ(read(bytes, {"old", "secret"}).file.error(), "");
  const FileContent wrong = read(bytes, {"Secret"});
  EXPECT_EQ(wrong.file.error(),
            "its password is wrong, or it was changed: see the setting password_files");
  EXPECT_THAT(wrong.file.certificates(), SizeIs(1));
  EXPECT_EQ(wrong.file.format(), v1::CERTIFICATE_FORMAT_JCEKS);
}

TEST_F(JavaKeyStore, IsReadUpToASecretKey) {
  const std::string bytes = JavaStore(kJceksMagic)
                                .trusted("ca", root_)
                                .secret_key("session\n")
                                .trusted("after", leaf_)
                                .finish("secret");
  const FileContent content = read(bytes, {"secret"});
  EXPECT_THAT(content.file.entry_names(), ElementsAre("ca"));
  EXPECT_EQ(content.file.error(),
            "what follows the secret key 'session\\x0a' cannot be read: nothing says where that "
            "ends");
}

TEST_F(JavaKeyStore, SaysWhatOfItCannotBeRead) {
  const std::pair<std::string, std::string> cases[] = {
      {JavaStore(kJksMagic, 3).finish(""), "its version is 3: 1 and 2 are known"},
      {JavaStore(kJksMagic).trusted("pgp", "key", "PGP").finish(""),
       "certificate 'pgp': it is of the type 'PGP'"},
      {JavaStore(kJksMagic).trusted("bad", "MIIB").finish(""),
       "certificate 'bad': it cannot be decoded"},
      {JavaStore(kJksMagic).trusted("long", leaf_ + "!").finish(""),
       "certificate 'long': 1 bytes follow its end"},
      {JavaStore(kJksMagic).raw(std::string("\0\0\0\x09\0\x01x12345678", 15), 1).finish(""),
       "entry 'x' is of the kind 9, which is not known"},
      {JavaStore(kJksMagic).trusted("ca", root_).raw("more").finish(""),
       "4 bytes follow its last entry"},
      // More entries than there are, and lengths beyond the end.
      {JavaStore(kJksMagic).trusted("ca", root_).raw("", 0xFFFFFFF0).finish(""),
       "it is cut off, or damaged, after 1 certificates"},
      {JavaStore(kJksMagic).raw(std::string("\0\0\0\x02\xFF\xFFx", 7), 1).finish(""),
       "it is cut off, or damaged, after 0 certificates"},
      {JavaStore(kJksMagic)
           .raw(std::string("\0\0\0\x01\0\x01x12345678\0\0\0\0\xFF\xFF\xFF\xFF", 23), 1)
           .finish(""),
       "it is cut off, or damaged, after 0 certificates"},
      {std::string(kJksMagic), "it is cut off"},
  };
  for (const auto& [bytes, error] : cases)
    EXPECT_THAT(read(bytes).file.error(), testing::StartsWith(error));
}

TEST_F(JavaKeyStore, ReadsWhatIsWholeOfOneThatIsCutOffAnywhere) {
  const std::string whole =
      JavaStore(kJksMagic).trusted("ca", root_).private_key("web", {leaf_}).finish("secret");
  for (size_t size = kJksMagic.size(); size < whole.size(); ++size) {
    const FileContent content = read(whole.substr(0, size));
    EXPECT_NE(content.file.error(), "") << size;
    EXPECT_THAT(content.file.entry_names(), SizeIs(content.file.certificates_size()));
  }
}

TEST_F(JavaKeyStore, BoundsItsCertificatesAndTheirNames) {
  JavaStore store(kJksMagic);
  for (size_t i = 0; i < kMostCertificates; ++i)
    store.trusted(std::string(300, 'a'), root_);
  const FileContent full = read(store.finish(""));
  EXPECT_EQ(full.file.error(), "");
  EXPECT_THAT(full.file.certificates(), SizeIs(kMostCertificates));
  EXPECT_EQ(full.file.entry_names(0).size(), kEntryNameLimit);
  const FileContent more = read(store.trusted("one more", root_).finish(""));
  EXPECT_THAT(more.file.certificates(), SizeIs(kMostCertificates));
  EXPECT_EQ(more.file.error(), "it holds more than 1024 certificates: the others are left out");
}

}  // namespace
}  // namespace muster

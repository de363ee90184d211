#include "agent/probes/firmware/efi/signature_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/firmware/machine.h"

namespace muster::firmware {
namespace {

using test::kOfCertificates;
using test::kOfPrograms;
using test::signature_list;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kDigest(32, '\x11');

TEST(SignatureLists, HaveCertificatesAndDigestsOfPrograms) {
  const std::string value = signature_list(kOfCertificates, {"first"}) +
                            signature_list(kOfPrograms, {kDigest, kDigest, kDigest}) +
                            signature_list(kOfCertificates, {"second one"}) +
                            // EFI_CERT_X509_SHA256_GUID: of a certificate that is revoked.
                            signature_list(std::string(16, '\x3b'), {std::string(48, '\x22')});
  const SignatureLists lists = parse_signature_lists(value);
  EXPECT_THAT(lists.certificates, ElementsAre("first", "second one"));
  EXPECT_EQ(lists.entries, 6u);
  EXPECT_EQ(lists.program_digests, 3u);
  EXPECT_EQ(lists.cut_short, "");
}

TEST(SignatureLists, AreEmptyWhereThereIsNothing) {
  EXPECT_EQ(parse_signature_lists("").entries, 0u);
  EXPECT_EQ(parse_signature_lists("").cut_short, "");
  EXPECT_EQ(parse_signature_lists(signature_list(kOfPrograms, {})).entries, 0u);
}

TEST(SignatureLists, ThatHaveAHeaderBeginBehindIt) {
  std::string value = signature_list(kOfCertificates, {"first"});
  value.insert(28, "head");
  value[16] = static_cast<char>(value[16] + 4);
  value[20] = 4;
  EXPECT_THAT(parse_signature_lists(value).certificates, ElementsAre("first"));
}

TEST(SignatureLists, CutAnywhereSaySo) {
  const std::string value =
      signature_list(kOfPrograms, {kDigest}) + signature_list(kOfCertificates, {"first"});
  const size_t first = signature_list(kOfPrograms, {kDigest}).size();
  for (size_t size = 1; size < value.size(); ++size) {
    const SignatureLists lists = parse_signature_lists(std::string_view(value).substr(0, size));
    EXPECT_EQ(lists.cut_short.empty(), size == first) << size;
    EXPECT_EQ(lists.entries, size < first ? 0u : 1u) << size;
  }
}

TEST(SignatureLists, OfImpossibleSizesSaySo) {
  const std::string good = signature_list(kOfPrograms, {kDigest, kDigest});
  const auto with = [&good](size_t at, uint32_t number) {
    std::string value = good;
    for (size_t i = 0; i < 4; ++i)
      value[at + i] = static_cast<char>(number >> (8 * i));
    return parse_signature_lists(value).cut_short;
  };
  for (const uint32_t size : {0u, 27u, 125u, 0xffffffffu})
    EXPECT_THAT(with(16, size), HasSubstr("a list of it has a size")) << size;
  for (const uint32_t header : {97u, 0xffffffffu})
    EXPECT_THAT(with(20, header), HasSubstr("a list of it has a size")) << header;
  for (const uint32_t entry : {0u, 16u, 47u, 0xffffffffu})
    EXPECT_THAT(with(24, entry), HasSubstr("in entries of")) << entry;
}

TEST(SignatureLists, HaveABoundOfCertificates) {
  const std::vector<std::string> most(kMostAuthorities, "x");
  EXPECT_EQ(parse_signature_lists(signature_list(kOfCertificates, most)).cut_short, "");
  const std::vector<std::string> more(kMostAuthorities + 1, "x");
  const SignatureLists lists = parse_signature_lists(signature_list(kOfCertificates, more));
  EXPECT_EQ(lists.certificates.size(), kMostAuthorities);
  EXPECT_EQ(lists.cut_short, "it has more than 64 certificates");
}

}  // namespace
}  // namespace muster::firmware

// The reference corpus of X.509 files, odd ones included: dates and fingerprint exact on all that
// OpenSSL reads, an error on all others. The corpus is not part of the repository; it lies in
// $MUSTER_CORPUS/x509, or beside the checkout in shared/corpus/x509.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "agent/probes/certificates/certificate_look.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

struct Expected {
  std::string not_before;
  std::string not_after;
  std::string sha256;
};

// expected.tsv: file, not_before, not_after, sha256; the last three empty where OpenSSL refuses it.
std::map<std::string, Expected> read_expected(const fs::path& file) {
  std::map<std::string, Expected> all;
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::istringstream columns(line);
    std::string name;
    Expected expected;
    std::getline(columns, name, '\t');
    std::getline(columns, expected.not_before, '\t');
    std::getline(columns, expected.not_after, '\t');
    std::getline(columns, expected.sha256, '\t');
    all[name] = expected;
  }
  return all;
}

// As the corpus writes it, "   1-01-01 00:00:00Z" for year 1.
std::string corpus_time(const google::protobuf::Timestamp& timestamp) {
  std::string text = to_iso8601(from_proto(timestamp));
  text[text.find('T')] = ' ';
  for (size_t i = 0; i < 3 && text[i] == '0'; ++i)
    text[i] = ' ';
  return text;
}

bool is_exact(const v1::CertificateFile& file, const Expected& expected) {
  if (!file.error().empty() || file.certificates().empty()) return false;
  const v1::Certificate& first = file.certificates(0);
  return corpus_time(first.not_before()) == expected.not_before &&
         corpus_time(first.not_after()) == expected.not_after && first.sha256() == expected.sha256;
}

TEST(CertificateCorpus, IsReadExactly) {
  const char* configured = std::getenv("MUSTER_CORPUS");
  const fs::path corpus =
      (configured != nullptr ? fs::path(configured)
                             : fs::path(MUSTER_SOURCE_DIRECTORY) / ".." / "shared" / "corpus") /
      "x509";
  if (!fs::exists(corpus / "expected.tsv")) {
    // A corpus that was asked for and is not there is a mistake; one beside the checkout is a gift.
    ASSERT_EQ(configured, nullptr) << "MUSTER_CORPUS has no x509/expected.tsv";
    std::printf("x509 corpus: the score was not taken, there is no %s\n", corpus.c_str());
    return;
  }
  const std::map<std::string, Expected> expected = read_expected(corpus / "expected.tsv");
  v1::ProbeRequest request;
  v1::ProbeSetting& paths = *request.add_settings();
  paths.set_name("paths");
  paths.add_values(fs::canonical(corpus).string());
  v1::ProbeSetting& usual = *request.add_settings();
  usual.set_name("default_paths");
  usual.add_values("false");
  v1::CertificateFacts facts;
  ASSERT_TRUE(facts.ParseFromString(look_at_certificates(request).facts()));
  EXPECT_EQ(facts.files_omitted(), 0U);
  EXPECT_EQ(facts.unreadable_directories_size(), 0);

  size_t exact = 0;
  size_t errors = 0;
  const auto readable = static_cast<size_t>(std::count_if(
      expected.begin(), expected.end(), [](const auto& e) { return !e.second.sha256.empty(); }));
  for (const v1::CertificateFile& file : facts.files()) {
    const std::string name = fs::path(file.path()).filename().string();
    const auto entry = expected.find(name);
    ASSERT_NE(entry, expected.end()) << name << " is not in expected.tsv";
    if (entry->second.sha256.empty()) {
      EXPECT_TRUE(!file.error().empty() && file.certificates().empty()) << name;
      if (!file.error().empty() && file.certificates().empty()) ++errors;
    } else {
      EXPECT_TRUE(is_exact(file, entry->second)) << file.ShortDebugString();
      if (is_exact(file, entry->second)) ++exact;
    }
  }
  std::printf("x509 corpus: %zu/%zu exact, %zu/%zu errors\n", exact, readable, errors,
              expected.size() - readable);
  EXPECT_EQ(exact, readable);
  EXPECT_EQ(errors, expected.size() - readable);
}

}  // namespace
}  // namespace muster

// What a product never tells on the host is a fact that it does not have there: neither told nor
// unread, so that nobody is sent to look for it each day. docs/products.md says which.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/agent/probes/antivirus/recordings.h"

namespace muster::antivirus::test {
namespace {

using protection::test::why_unread;
using testing::StartsWith;

// What may be in a console alone, in the order of the document's columns.
struct Fact {
  const char* field;
  bool (*is_told)(const v1::ProtectionProduct&);
};
constexpr std::array kFacts = {
    Fact{"full_scan", [](const v1::ProtectionProduct& product) { return product.has_full_scan(); }},
    Fact{"threats_unresolved",
         [](const v1::ProtectionProduct& product) { return product.has_threats_unresolved(); }},
    Fact{"exclusions",
         [](const v1::ProtectionProduct& product) { return product.has_exclusion_count(); }},
    Fact{"management_connected", [](const v1::ProtectionProduct& product) {
           return product.management_connected() != v1::ANSWER_UNSPECIFIED ||
                  product.has_management_last_contact_at();
         }}};

std::string word_for(const v1::ProtectionProduct& product, const Fact& fact) {
  if (fact.is_told(product)) return "read";
  const std::string why = why_unread(product, fact.field);
  if (why.empty()) return "not told";
  EXPECT_THAT(why, StartsWith("Muster does not ask for it: see "));
  return "not asked";
}

TEST(FactsThatAreNotTold, AreAbsentAndNotUnreadAndInTheDocument) {
  std::ifstream file(MUSTER_SOURCE_DIRECTORY "/docs/products.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  for (const RecordedProduct& recording : recorded_products()) {
    const v1::ProtectionProduct product = read_recorded(recording.product);
    std::string row = fmt::format("| `{}` |", recording.product);
    for (const Fact& fact : kFacts)
      row += fmt::format(" {} |", word_for(product, fact));
    EXPECT_NE(document.find("\n" + row + "\n"), std::string::npos) << row;
  }
}

TEST(FactsThatAreNotTold, AreNotUnreadWhereNobodyWasAskedEither) {
  for (const RecordedProduct& recording : recorded_products()) {
    const v1::ProtectionProduct product = read_recorded(recording.product);
    protection::test::ProductWorld world;
    world.root().make_directory(std::string(recording.directory));
    const auto unasked = world.read(recording.read);
    ASSERT_TRUE(unasked) << recording.product;
    for (const Fact& fact : kFacts) {
      const bool is_untold = word_for(product, fact) == "not told";
      // Of a sensor that never reached its cloud falconctl does tell that.
      if (is_untold && recording.product == "crowdstrike-falcon" && &fact == &kFacts.back())
        continue;
      EXPECT_EQ(why_unread(*unasked, fact.field).empty(), is_untold)
          << recording.product << " " << fact.field;
    }
  }
}

}  // namespace
}  // namespace muster::antivirus::test

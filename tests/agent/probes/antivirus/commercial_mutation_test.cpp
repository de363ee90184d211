// The fuzz target's promises over a few thousand damaged answers of every recorded product.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/agent/probes/antivirus/recordings.h"
#include "tests/common/damaged_bytes.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace muster::antivirus::test {
namespace {

// In the order of the target's products, of which Sophos has files instead of answers.
std::vector<std::string> whole_inputs() {
  std::vector<std::string> inputs;
  // Each with all of its programs.
  char number = 0;
  const auto next = [&number] { return std::string(1, static_cast<char>(3 * number++)); };
  for (const RecordedProduct& product : recorded_products()) {
    if (product.product == "trend-micro") {
      inputs.push_back(next() +
                       "PRODUCT_VERSION = 1.1\n\x1e<on-access>true</on-access>\x1e"
                       "<health><item name=\"service\" value=\"1\" /></health>\x1e"
                       "<installState><lastGood>2026-11-22T10:14:31.000Z</lastGood></installState>"
                       "\x1e<onAccessScan><enabled>true</enabled><filePath>/a</filePath>");
    }
    std::string input = next();
    for (const auto& [question, text] : product.answers) {
      if (question == "processes") continue;
      if (input.size() > 1) input += '\x1e';
      input += text;
    }
    inputs.push_back(input);
  }
  return inputs;
}

TEST(CommercialReaders, KeepTheirPromisesWhenAnswersAreDamaged) {
  const std::vector<std::string> whole = whole_inputs();
  std::mt19937 random(20261122);
  for (const std::string& bytes : whole)
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  for (size_t round = 0; round < 4000; ++round) {
    std::string bytes = whole[round % whole.size()];
    bytes[0] = static_cast<char>(bytes[0] + static_cast<char>(random() % 3));
    bytes = bytes[0] + muster::test::damaged(bytes.substr(1), random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
}

}  // namespace
}  // namespace muster::antivirus::test

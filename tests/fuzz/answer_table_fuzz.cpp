// Any bytes as what muster-answers wrote: whatever is taken keeps the bounds of the table, and is
// written as it was read.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/asking/answer_table_reader.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace answers = muster::answers;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto table = answers::parse_table(bytes);
  if (!table.ok()) return 0;
  require(table->size() <= answers::kMostAnswers);
  for (const answers::Answer& answer : *table) {
    require(!answer.name.empty() && answer.name.size() <= answers::kMostOfName);
    require(answer.text.size() <= answers::kMostOfAnswer);
    require(answer.error_text.size() <= answers::kMostOfErrorText);
    require(static_cast<uint32_t>(answer.outcome) < answers::kOutcomes);
  }
  require(answers::write_table(*table) == bytes);
  return 0;
}

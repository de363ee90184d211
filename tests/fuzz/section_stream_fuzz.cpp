// Any bytes as a probe's output: whatever comes through keeps the bounds of the probe contract.
#include "agent/launcher/section_stream.h"

#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <cstdlib>

#include "common/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const muster::v1::Section& section) {
  namespace agent = muster::agent;
  require(section.reason().size() <= agent::kReasonLimit &&
          muster::is_valid_utf8(section.reason()));
  require((section.outcome() == muster::v1::OUTCOME_OBSERVED) == section.reason().empty());
  require(section.facts().size() <= agent::kFactsLimit);
  require(section.facts_type().size() <= agent::kFactsTypeLimit);
  require(section.measurements_size() <= agent::kMeasurementLimit);
  for (const muster::v1::Measurement& measurement : section.measurements()) {
    require(!measurement.name().empty() &&
            measurement.name().size() <= agent::kMeasurementNameLimit);
    require(measurement.subject().size() <= agent::kMeasurementSubjectLimit &&
            muster::is_valid_utf8(measurement.subject()));
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // protobuf says of every damaged text that it is.
  const google::protobuf::LogSilencer quiet;
  const auto sections =
      muster::agent::parse_section_stream({reinterpret_cast<const char*>(data), size});
  if (!sections.ok()) {
    require(muster::is_valid_utf8(
        {sections.status().message().data(), sections.status().message().size()}));
    return 0;
  }
  require(sections->size() <= muster::agent::kSectionLimit);
  for (const muster::v1::Section& section : *sections)
    check(section);
  return 0;
}

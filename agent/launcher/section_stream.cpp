#include "agent/launcher/section_stream.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <cmath>

#include "common/text.h"

namespace muster::agent {
namespace {

// Names are label values and JSON keys further on.
bool is_name(std::string_view text, size_t limit, std::string_view more) {
  return !text.empty() && text.size() <= limit &&
         std::all_of(text.begin(), text.end(), [more](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  more.find(c) != std::string_view::npos;
         });
}

bool is_type_name(std::string_view text) {
  return !text.empty() && text.size() <= kFactsTypeLimit &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_';
         });
}

// What is wrong with the section; empty if nothing is.
std::string complaint_about(const v1::Section& section) {
  const bool observed = section.outcome() == v1::OUTCOME_OBSERVED;
  if (!observed && section.outcome() != v1::OUTCOME_NOT_APPLICABLE &&
      section.outcome() != v1::OUTCOME_FAILED) {
    return fmt::format("unknown outcome {}", static_cast<int>(section.outcome()));
  }
  if (observed && !is_type_name(section.facts_type())) return "observed, but facts_type is no name";
  if (observed && !section.reason().empty()) return "observed, but with a reason";
  if (!observed && section.reason().empty()) return "nothing observed, and no reason";
  if (!observed && !(section.facts_type().empty() && section.facts().empty())) {
    return "facts, but nothing observed";
  }
  if (section.facts().size() > kFactsLimit) {
    return fmt::format("facts of {} bytes, at most {} are allowed", section.facts().size(),
                       kFactsLimit);
  }
  if (section.measurements_size() > kMeasurementLimit) {
    return fmt::format("{} measurements, at most {} are allowed", section.measurements_size(),
                       kMeasurementLimit);
  }
  for (const v1::Measurement& measurement : section.measurements()) {
    if (!is_name(measurement.name(), kMeasurementNameLimit, "_")) {
      return fmt::format("a measurement named '{}'", printable(measurement.name(), 80));
    }
  }
  return {};
}

void cut_texts(v1::Section& section) {
  section.set_reason(truncate_utf8(section.reason(), kReasonLimit));
  for (v1::Measurement& measurement : *section.mutable_measurements()) {
    measurement.set_subject(truncate_utf8(measurement.subject(), kMeasurementSubjectLimit));
  }
}

absl::Status broken(size_t index, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("section {}: {}", index + 1, what));
}

}  // namespace

absl::StatusOr<std::vector<v1::Section>> parse_section_stream(std::string_view bytes) {
  std::vector<v1::Section> sections;
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  size_t position = 0;
  while (position < bytes.size()) {
    if (sections.size() == kSectionLimit) {
      return broken(sections.size(), fmt::format("at most {} are allowed", kSectionLimit));
    }
    uint64_t size = 0;
    if (!input.ReadVarint64(&size)) return broken(sections.size(), "no size before it");
    position = static_cast<size_t>(input.CurrentPosition());
    if (size > bytes.size() - position) {
      return broken(sections.size(),
                    fmt::format("{} bytes announced, {} are there", size, bytes.size() - position));
    }
    v1::Section section;
    if (!section.ParseFromArray(bytes.data() + position, static_cast<int>(size))) {
      return broken(sections.size(), "not a muster.v1.Section");
    }
    input.Skip(static_cast<int>(size));
    position += static_cast<size_t>(size);
    if (const std::string complaint = complaint_about(section); !complaint.empty()) {
      return broken(sections.size(), complaint);
    }
    cut_texts(section);
    sections.push_back(std::move(section));
  }
  return sections;
}

}  // namespace muster::agent

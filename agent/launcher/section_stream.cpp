#include "agent/launcher/section_stream.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <optional>

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

// Where the section at `position` begins behind its size, and that size; nothing where that size is
// not whole.
struct Frame {
  size_t begin = 0;
  uint64_t size = 0;
};
std::optional<Frame> read_frame(std::string_view bytes, size_t position) {
  const std::string_view rest = bytes.substr(position);
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(rest.data()),
                                               static_cast<int>(rest.size()));
  Frame frame;
  if (!input.ReadVarint64(&frame.size)) return std::nullopt;
  frame.begin = position + static_cast<size_t>(input.CurrentPosition());
  return frame;
}

// Adds the section that the bytes are; `index` is for what is wrong with it.
absl::Status add_section(std::string_view bytes, size_t index, std::vector<v1::Section>& sections) {
  v1::Section section;
  if (!section.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return broken(index, "not a muster.v1.Section");
  }
  if (const std::string complaint = complaint_about(section); !complaint.empty()) {
    return broken(index, complaint);
  }
  cut_texts(section);
  sections.push_back(std::move(section));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<v1::Section>> parse_section_stream(std::string_view bytes) {
  std::vector<v1::Section> sections;
  for (size_t position = 0; position < bytes.size();) {
    const size_t index = sections.size();
    if (index == kSectionLimit) {
      return broken(index, fmt::format("at most {} are allowed", kSectionLimit));
    }
    const std::optional<Frame> frame = read_frame(bytes, position);
    if (!frame) return broken(index, "no size before it");
    if (frame->size > bytes.size() - frame->begin) {
      return broken(index, fmt::format("{} bytes announced, {} are there", frame->size,
                                       bytes.size() - frame->begin));
    }
    const absl::Status added =
        add_section(bytes.substr(frame->begin, frame->size), index, sections);
    if (!added.ok()) return added;
    position = frame->begin + static_cast<size_t>(frame->size);
  }
  return sections;
}

absl::StatusOr<WholeSections> parse_whole_sections(std::string_view bytes) {
  constexpr size_t kLongestSize = 10;
  WholeSections whole;
  while (whole.bytes < bytes.size()) {
    const size_t index = whole.sections.size();
    const std::optional<Frame> frame = read_frame(bytes, whole.bytes);
    if (!frame && bytes.size() - whole.bytes >= kLongestSize) {
      return broken(index, "no size before it");
    }
    if (frame && frame->size > kStreamedSectionLimit) {
      return broken(index, fmt::format("{} bytes announced, at most {} are allowed", frame->size,
                                       kStreamedSectionLimit));
    }
    if (!frame || frame->size > bytes.size() - frame->begin) return whole;
    const absl::Status added =
        add_section(bytes.substr(frame->begin, frame->size), index, whole.sections);
    if (!added.ok()) return added;
    whole.bytes = frame->begin + static_cast<size_t>(frame->size);
  }
  return whole;
}

}  // namespace muster::agent

#include "agent/probes/section_text.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <google/protobuf/util/json_util.h>

#include <memory>

#include "common/text.h"

namespace muster::probe {
namespace {

namespace pb = google::protobuf;

absl::StatusOr<std::string> facts_as_json(const v1::Section& section) {
  const pb::Descriptor* type =
      pb::DescriptorPool::generated_pool()->FindMessageTypeByName(section.facts_type());
  if (type == nullptr) return absl::NotFoundError("this program does not know the type of facts");
  const std::unique_ptr<pb::Message> facts(
      pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
  pb::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!facts->ParseFromString(section.facts()) ||
      !pb::util::MessageToJsonString(*facts, &json, options).ok()) {
    return absl::InternalError("the facts cannot be printed");
  }
  return json;
}

absl::StatusOr<std::string> section_as_json(const v1::Section& section) {
  // The facts as a message of their own: a person wants to read them, not base64.
  v1::Section outline = section;
  outline.clear_facts();
  pb::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!pb::util::MessageToJsonString(outline, &text, options).ok()) {
    return absl::InternalError("the section cannot be printed");
  }
  if (section.facts_type().empty()) return text;
  const absl::StatusOr<std::string> facts = facts_as_json(section);
  if (!facts.ok()) return facts.status();
  const std::string_view body = trim(text);
  return fmt::format("{},\n \"facts\": {}\n}}\n", trim(body.substr(0, body.size() - 1)),
                     trim(*facts));
}

}  // namespace

absl::StatusOr<std::string> section_text(const v1::Section& section, bool as_json) {
  if (as_json) return section_as_json(section);
  std::string bytes;
  pb::io::StringOutputStream stream(&bytes);
  if (!pb::util::SerializeDelimitedToZeroCopyStream(section, &stream)) {
    return absl::InternalError("the section cannot be written");
  }
  return bytes;
}

}  // namespace muster::probe

#include "collector/policy_test/message_reader.h"

#include <absl/strings/numbers.h>
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "common/timestamp.h"

namespace muster::collector {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

bool is_time(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == Timestamp::descriptor();
}

bool maps_texts(const FieldDescriptor& field) {
  return field.is_map() &&
         field.message_type()->map_key()->type() == FieldDescriptor::TYPE_STRING &&
         field.message_type()->map_value()->type() == FieldDescriptor::TYPE_STRING;
}

void read_pairs(YamlMap& map, Message& message, const FieldDescriptor& field) {
  for (auto& [key, value] : map.pairs(field.name())) {
    Message& entry = *message.GetReflection()->AddMessage(&message, &field);
    const Reflection& parts = *entry.GetReflection();
    parts.SetString(&entry, field.message_type()->map_key(), key);
    parts.SetString(&entry, field.message_type()->map_value(), std::move(value));
  }
}

void read_numbers(YamlMap& map, Message& message, const FieldDescriptor& field) {
  const std::vector<std::string> texts =
      map.texts(field.name()).value_or(std::vector<std::string>{});
  for (size_t i = 0; i < texts.size(); ++i) {
    uint32_t number = 0;
    if (!absl::SimpleAtoi(texts[i], &number)) {
      map.complain_of_item(field.name(), i, "not a whole number from 0 to 4294967295");
    }
    message.GetReflection()->AddUInt32(&message, &field, number);
  }
}

void read_list(YamlMap& map, Message& message, const FieldDescriptor& field) {
  const Reflection& fields = *message.GetReflection();
  if (maps_texts(field)) {
    read_pairs(map, message, field);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    for (YamlMap& item : map.maps(field.name()))
      read_message(item, *fields.AddMessage(&message, &field));
  } else if (field.type() == FieldDescriptor::TYPE_STRING) {
    for (std::string& text : map.texts(field.name()).value_or(std::vector<std::string>{}))
      fields.AddString(&message, &field, std::move(text));
  } else if (field.type() == FieldDescriptor::TYPE_UINT32) {
    read_numbers(map, message, field);
  } else {
    map.complain(field.name(), fmt::format("'{}' cannot be given in a test", field.name()));
  }
}

void read_enum(YamlMap& map, Message& message, const FieldDescriptor& field) {
  const google::protobuf::EnumDescriptor& type = *field.enum_type();
  std::vector<std::string_view> names;
  for (int i = 0; i < type.value_count(); ++i)
    names.push_back(type.value(i)->name());
  const std::optional<std::string> name = map.one_of(field.name(), names);
  if (name) message.GetReflection()->SetEnum(&message, &field, type.FindValueByName(*name));
}

template <typename Number>
std::optional<Number> read_number(YamlMap& map, const FieldDescriptor& field) {
  using Limits = std::numeric_limits<Number>;
  constexpr int64_t kLow = Limits::is_signed ? static_cast<int64_t>(Limits::min()) : 0;
  constexpr int64_t kHigh = sizeof(Number) == sizeof(int64_t) ? std::numeric_limits<int64_t>::max()
                                                              : static_cast<int64_t>(Limits::max());
  const std::optional<int64_t> value = map.integer(field.name(), kLow, kHigh);
  if (!value) return std::nullopt;
  return static_cast<Number>(*value);
}

void read_message_field(YamlMap& map, Message& message, const FieldDescriptor& field) {
  Message* const value = message.GetReflection()->MutableMessage(&message, &field);
  if (is_time(field)) {
    if (const auto time = map.time(field.name())) value->CopyFrom(to_proto(*time));
  } else if (std::optional<YamlMap> below = map.map(field.name())) {
    read_message(*below, *value);
  }
}

void read_single(YamlMap& map, Message& message, const FieldDescriptor& field) {
  const Reflection& fields = *message.GetReflection();
  const std::string& name = field.name();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return read_message_field(map, message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return read_enum(map, message, field);
    case FieldDescriptor::CPPTYPE_STRING:
      if (auto text = map.text(name)) fields.SetString(&message, &field, *std::move(text));
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      if (const auto value = map.boolean(name)) fields.SetBool(&message, &field, *value);
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (const auto value = map.number(name, std::numeric_limits<double>::lowest(),
                                        std::numeric_limits<double>::max())) {
        fields.SetDouble(&message, &field, *value);
      }
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      if (const auto value = read_number<int32_t>(map, field))
        fields.SetInt32(&message, &field, *value);
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      if (const auto value = read_number<uint32_t>(map, field))
        fields.SetUInt32(&message, &field, *value);
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      if (const auto value = read_number<int64_t>(map, field))
        fields.SetInt64(&message, &field, *value);
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (const auto value = read_number<uint64_t>(map, field))
        fields.SetUInt64(&message, &field, *value);
      return;
    default:
      map.complain(name, fmt::format("'{}' cannot be given in a test", name));
  }
}

}  // namespace

void read_message(YamlMap& map, Message& message) {
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!map.has(field.name())) continue;
    if (field.is_repeated()) {
      read_list(map, message, field);
    } else {
      read_single(map, message, field);
    }
  }
}

bool can_be_read(const google::protobuf::Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (maps_texts(field)) continue;
    if (field.is_map() || field.type() == FieldDescriptor::TYPE_BYTES) return false;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) return false;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!is_time(field) && !can_be_read(*field.message_type())) return false;
    } else if (field.is_repeated() && field.type() != FieldDescriptor::TYPE_STRING &&
               field.type() != FieldDescriptor::TYPE_UINT32) {
      return false;
    }
  }
  return true;
}

}  // namespace muster::collector

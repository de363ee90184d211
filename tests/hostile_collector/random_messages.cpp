#include "tests/hostile_collector/random_messages.h"

#include <array>
#include <limits>
#include <string_view>

namespace muster::hostile {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDeepest = 4;
constexpr size_t kLongText = 64 << 10;

constexpr std::array<std::string_view, 24> kTexts{
    "",
    "web1",
    "host",
    "packages-apt",
    "certificates",
    "agent",
    "../../../../etc/passwd",
    "/etc/shadow",
    "/proc/self/mem",
    "$(touch /tmp/muster-was-here)",
    "`id`; rm -rf /",
    "%s%n%n%n%x",
    "\x1b]0;owned\x07\x1b[2J",
    "line\nlevel=error msg=forged",
    "127.0.0.1:22",
    "169.254.169.254:80",
    "[::1]:443",
    "localhost:5432",
    "unix:/run/dbus/system_bus_socket",
    "file:///etc/shadow",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
    "\xe2\x80\xae\xef\xbb\xbf",
    "muster-probe-host",
};

template <typename Number>
Number number_at_random(Random& random) {
  switch (random() % 6) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return std::numeric_limits<Number>::max();
    case 3:
      return std::numeric_limits<Number>::lowest();
    default:
      return static_cast<Number>(random());
  }
}

double fraction_at_random(Random& random) {
  constexpr std::array<double, 6> kFractions{0,
                                             -1e300,
                                             1e300,
                                             std::numeric_limits<double>::infinity(),
                                             std::numeric_limits<double>::quiet_NaN(),
                                             std::numeric_limits<double>::denorm_min()};
  return kFractions[random() % kFractions.size()];
}

int list_size(Random& random) {
  constexpr std::array<int, 6> kSizes{0, 1, 1, 3, 20, 300};
  return kSizes[random() % kSizes.size()];
}

void fill(Message& message, Random& random, int depth);

void fill_field(Message& message, const FieldDescriptor& field, Random& random, int depth) {
  const Reflection& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  const auto set = [&](auto setter, auto adder, auto value) {
    repeated ? (reflection.*adder)(&message, &field, std::move(value))
             : (reflection.*setter)(&message, &field, std::move(value));
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return set(&Reflection::SetInt32, &Reflection::AddInt32, number_at_random<int32_t>(random));
    case FieldDescriptor::CPPTYPE_INT64:
      return set(&Reflection::SetInt64, &Reflection::AddInt64, number_at_random<int64_t>(random));
    case FieldDescriptor::CPPTYPE_UINT32:
      return set(&Reflection::SetUInt32, &Reflection::AddUInt32,
                 number_at_random<uint32_t>(random));
    case FieldDescriptor::CPPTYPE_UINT64:
      return set(&Reflection::SetUInt64, &Reflection::AddUInt64,
                 number_at_random<uint64_t>(random));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return set(&Reflection::SetDouble, &Reflection::AddDouble, fraction_at_random(random));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return set(&Reflection::SetFloat, &Reflection::AddFloat,
                 static_cast<float>(fraction_at_random(random)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return set(&Reflection::SetBool, &Reflection::AddBool, random() % 2 == 0);
    case FieldDescriptor::CPPTYPE_ENUM:
      return set(&Reflection::SetEnumValue, &Reflection::AddEnumValue,
                 number_at_random<int>(random));
    case FieldDescriptor::CPPTYPE_STRING:
      return set(&Reflection::SetString, &Reflection::AddString,
                 hostile_text(random, field.type() == FieldDescriptor::TYPE_STRING));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message& inner = repeated ? *reflection.AddMessage(&message, &field)
                                : *reflection.MutableMessage(&message, &field);
      return fill(inner, random, depth + 1);
    }
  }
}

void fill(Message& message, Random& random, int depth) {
  if (depth > kDeepest) return;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (random() % 4 == 0) continue;
    const int count = field.is_repeated() ? list_size(random) : 1;
    for (int n = 0; n < count; ++n)
      fill_field(message, field, random, depth);
  }
}

}  // namespace

std::string hostile_text(Random& random, bool utf8) {
  switch (random() % 8) {
    case 0:
      return std::string(random() % kLongText, 'A');
    case 1: {
      std::string bytes(random() % 64, '\0');
      for (char& byte : bytes)
        byte = static_cast<char>(utf8 ? random() % 128 : random());
      return bytes;
    }
    default:
      return std::string(kTexts[random() % kTexts.size()]);
  }
}

void mutate(std::string& bytes, Random& random) {
  for (size_t changes = 1 + random() % 4; changes > 0; --changes) {
    const size_t at = bytes.empty() ? 0 : random() % bytes.size();
    const size_t length = bytes.empty() ? 0 : random() % (bytes.size() - at) + 1;
    switch (random() % 5) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 1:
        bytes.resize(at);
        break;
      case 2:
        if (bytes.size() < kLongText) bytes.insert(at, bytes.substr(at, length));
        break;
      case 3:
        bytes.insert(at, 1, static_cast<char>(random()));
        break;
      default:
        bytes.insert(at, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    }
  }
}

void fill_at_random(Message& message, Random& random) {
  fill(message, random, 0);
}

}  // namespace muster::hostile

#include "agent/probes/protection/product_facts.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "common/text.h"

namespace muster::protection {
namespace {

constexpr int64_t kFirstSecond = 31'536'000;  // 1971
constexpr int64_t kLastSecond = 253'402'300'799;

void bound_texts(google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (!is_text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 0;
    if (is_text && !field->is_repeated()) {
      reflection.SetString(&message, field, product_text(reflection.GetString(message, field)));
    } else if (!field->is_repeated()) {
      bound_texts(*reflection.MutableMessage(&message, field));
    }
    for (int i = 0; i < count; ++i) {
      if (is_text) {
        reflection.SetRepeatedString(&message, field, i,
                                     product_text(reflection.GetRepeatedString(message, field, i)));
      } else {
        bound_texts(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

template <typename List>
void cut(List& list, int most) {
  if (list.size() > most) list.DeleteSubrange(most, list.size() - most);
}

std::optional<google::protobuf::Timestamp> whole(std::optional<TimePoint> time,
                                                 std::chrono::seconds unit) {
  if (!time) return std::nullopt;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch();
  if (seconds.count() < kFirstSecond || seconds.count() > kLastSecond) return std::nullopt;
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds((seconds - seconds % unit).count());
  return timestamp;
}

}  // namespace

std::string product_text(std::string_view text) {
  return printable(trim(text), kLongestText);
}

void add_unread(v1::ProtectionProduct& product, std::string_view fact, std::string_view reason) {
  if (product.unread_size() >= kMostUnread || is_unread(product, fact)) return;
  v1::UnreadFact& unread = *product.add_unread();
  unread.set_fact(product_text(fact));
  unread.set_reason(product_text(reason));
}

bool is_unread(const v1::ProtectionProduct& product, std::string_view fact) {
  return std::any_of(product.unread().begin(), product.unread().end(),
                     [fact](const v1::UnreadFact& unread) { return unread.fact() == fact; });
}

void add_complaint(v1::ProtectionProduct& product, std::string_view complaint) {
  if (product.complaints_size() < kMostComplaints) {
    product.add_complaints(product_text(complaint));
  }
}

void add_exclusion(v1::ProtectionProduct& product, std::string_view kind, std::string_view value) {
  const std::string text = product_text(value);
  for (const v1::Exclusion& known : product.exclusions()) {
    if (known.kind() == kind && known.value() == text) return;
  }
  product.set_exclusion_count(product.exclusion_count() + 1);
  if (product.exclusions_size() >= kMostExclusions) return;
  v1::Exclusion& exclusion = *product.add_exclusions();
  exclusion.set_kind(product_text(kind));
  exclusion.set_value(text);
}

void say_exclusions_were_read(v1::ProtectionProduct& product) {
  product.set_exclusion_count(product.exclusion_count());
}

void add_source(v1::ProtectionProduct& product, std::string_view source) {
  if (product.sources_size() < kMostSources) product.add_sources(product_text(source));
}

std::optional<google::protobuf::Timestamp> whole_seconds(std::optional<TimePoint> time) {
  return whole(time, std::chrono::seconds(1));
}

std::optional<google::protobuf::Timestamp> whole_minutes(std::optional<TimePoint> time) {
  return whole(time, std::chrono::minutes(1));
}

v1::Answer answer(bool yes) {
  return yes ? v1::ANSWER_YES : v1::ANSWER_NO;
}

void bound(v1::ProtectionProduct& product) {
  cut(*product.mutable_complaints(), kMostComplaints);
  cut(*product.mutable_exclusions(), kMostExclusions);
  cut(*product.mutable_sources(), kMostSources);
  cut(*product.mutable_unread(), kMostUnread);
  bound_texts(product);
}

}  // namespace muster::protection

// Fills a ProtectionProduct: what every reader shares, so that no list grows beyond its bound and
// no text of a product reaches a report as it came. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "muster/v1/protection_facts.pb.h"

namespace muster::protection {

// Of every text that comes from a product.
inline constexpr size_t kLongestText = 256;
inline constexpr int kMostComplaints = 20;
inline constexpr int kMostExclusions = 200;
inline constexpr int kMostSources = 20;
inline constexpr int kMostUnread = 40;

// Printable, without white space at its ends, at most kLongestText bytes.
std::string product_text(std::string_view text);

// The product has this fact (the name of its field) and it could not be read; the first reason
// stays. What a product never tells on the host it does not have there: that is absent alone. As
// with all of these, what is beyond the bound is left out.
void add_unread(v1::ProtectionProduct& product, std::string_view fact, std::string_view reason);
bool is_unread(const v1::ProtectionProduct& product, std::string_view fact);
void add_complaint(v1::ProtectionProduct& product, std::string_view complaint);
// Counts it too, also beyond the bound. One that is there already is left out.
void add_exclusion(v1::ProtectionProduct& product, std::string_view kind, std::string_view value);
// That exclusions were looked at, so that none is none.
void say_exclusions_were_read(v1::ProtectionProduct& product);
void add_source(v1::ProtectionProduct& product, std::string_view source);

// To the second, or to the minute below: what goes on all the time is to be the same facts. Unset
// unless it is a time of 1971 to 9999: a 0 of a product's is "never" or "not known".
std::optional<google::protobuf::Timestamp> whole_seconds(std::optional<TimePoint> time);
std::optional<google::protobuf::Timestamp> whole_minutes(std::optional<TimePoint> time);

// set_time(product, &v1::ProtectionProduct::mutable_baseline_at, whole_seconds(time)): the field
// stays absent, and false comes back, where there is no time.
template <typename Message>
bool set_time(Message& message, google::protobuf::Timestamp* (Message::*field)(),
              const std::optional<google::protobuf::Timestamp>& time) {
  if (time) *(message.*field)() = *time;
  return time.has_value();
}

v1::Answer answer(bool yes);

// Every text, printable and within kLongestText, every list within its bound: the last word before
// a report. What a reader left as it came is mended here.
void bound(v1::ProtectionProduct& product);

}  // namespace muster::protection

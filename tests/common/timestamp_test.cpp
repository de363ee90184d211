#include "common/timestamp.h"

#include <gtest/gtest.h>

#include <limits>

namespace muster {
namespace {

TimePoint at(int64_t microseconds) {
  return TimePoint(Duration(microseconds));
}

TEST(Timestamp, GoesThroughProtobufUnchanged) {
  for (const int64_t microseconds : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{1795262400123456},
                                     int64_t{-62135596800000000}, int64_t{253402300799999999}}) {
    EXPECT_EQ(from_proto(to_proto(at(microseconds))), at(microseconds));
  }
  EXPECT_EQ(to_proto(at(-1)).seconds(), -1);
  EXPECT_EQ(to_proto(at(-1)).nanos(), 999'999'000);
}

TEST(Timestamp, ClampsWhatATimePointCannotHold) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(std::numeric_limits<int64_t>::max());
  EXPECT_GT(from_proto(timestamp), at(253402300799999999));
  timestamp.set_seconds(std::numeric_limits<int64_t>::min());
  EXPECT_LT(from_proto(timestamp), at(-62135596800000000));
  timestamp.set_seconds(5);
  timestamp.set_nanos(-7);
  EXPECT_EQ(from_proto(timestamp), at(5'000'000));
  timestamp.set_nanos(std::numeric_limits<int32_t>::max());
  EXPECT_EQ(from_proto(timestamp), at(5'999'999));
}

TEST(Timestamp, IsWrittenInUtcToTheSecond) {
  EXPECT_EQ(to_iso8601(at(1795262400999999)), "2026-11-21T12:00:00Z");
  EXPECT_EQ(to_iso_date(at(1795262400999999)), "2026-11-21");
  EXPECT_EQ(to_iso8601(at(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_iso8601(at(-1)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(to_iso_date(at(253402300799000000)), "9999-12-31");
}

TEST(Timestamp, IsReadAsItIsWritten) {
  for (const int64_t microseconds : {1795262400000000LL, 0LL, -1000000LL, 253402300799000000LL})
    EXPECT_EQ(parse_iso8601(to_iso8601(at(microseconds))), at(microseconds));
  EXPECT_EQ(parse_iso_date("2026-11-21"), parse_iso8601("2026-11-21T00:00:00Z"));
  EXPECT_EQ(parse_iso_date("2028-02-29"), parse_iso8601("2028-02-29T00:00:00Z"));
  for (const char* text :
       {"", "2026-11-21T12:00:00", "2026-11-21 12:00:00Z", "2026-02-29T12:00:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T12:60:00Z", "2026-11-21T12:00:60Z",
        "2026-11-21T12:00:00Zx", "2026-13-01T00:00:00Z", "2026-11-2aT00:00:00Z"})
    EXPECT_EQ(parse_iso8601(text), std::nullopt) << text;
  for (const char* text : {"", "2026-11-21T12:00:00Z", "2026-02-29", "2026-00-01", "2026-11-0",
                           "21.11.2026", "2026-11-211"})
    EXPECT_EQ(parse_iso_date(text), std::nullopt) << text;
}

TEST(Timestamp, IsSecondsForPrometheus) {
  EXPECT_EQ(to_unix_seconds(at(1'500'000)), 1.5);
}

}  // namespace
}  // namespace muster

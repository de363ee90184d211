#include "agent/launcher/section_stream.h"

#include <gmock/gmock.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>

#include "common/text.h"

namespace muster::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string delimited(const std::string& bytes) {
  std::string text;
  google::protobuf::io::StringOutputStream stream(&text);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.WriteVarint64(bytes.size());
  coded.WriteString(bytes);
  coded.Trim();
  return text;
}

v1::Section observed() {
  v1::Section section;
  section.set_probe("host");
  section.set_outcome(v1::OUTCOME_OBSERVED);
  section.set_facts_type("muster.v1.HostFacts");
  section.set_facts("\x0a\x04web1");
  return section;
}

v1::Section failed(const std::string& reason) {
  v1::Section section;
  section.set_outcome(v1::OUTCOME_FAILED);
  section.set_reason(reason);
  return section;
}

std::string stream_of(const v1::Section& section) {
  return delimited(section.SerializeAsString());
}

std::string error_of(const std::string& bytes) {
  return std::string(parse_section_stream(bytes).status().message());
}

TEST(SectionStream, ReadsSectionsInTheirOrder) {
  const auto sections = parse_section_stream(stream_of(observed()) + stream_of(failed("no disk")));
  ASSERT_TRUE(sections.ok()) << sections.status();
  ASSERT_THAT(*sections, SizeIs(2));
  EXPECT_EQ((*sections)[0].facts(), "\x0a\x04web1");
  EXPECT_EQ((*sections)[1].reason(), "no disk");
}

TEST(SectionStream, NothingIsNoSections) {
  const auto sections = parse_section_stream("");
  ASSERT_TRUE(sections.ok());
  EXPECT_THAT(*sections, SizeIs(0));
}

TEST(SectionStream, SaysWhichRuleWasBroken) {
  v1::Section with_reason = observed();
  with_reason.set_reason("why?");
  v1::Section without_type = observed();
  without_type.clear_facts_type();
  v1::Section odd_type = observed();
  odd_type.set_facts_type("muster v1\"}");
  v1::Section failed_with_facts = failed("x");
  failed_with_facts.set_facts("x");
  v1::Section odd_measurement = observed();
  odd_measurement.add_measurements()->set_name("a\"b");
  const struct {
    std::string bytes;
    const char* complaint;
  } cases[] = {
      {"garbage, as a shell script would print it", "bytes announced"},
      {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "no size before it"},
      {delimited("\xff\xff\xff"), "not a muster.v1.Section"},
      {stream_of(observed()) + "\x05", "section 2: 5 bytes announced, 0 are there"},
      {stream_of(v1::Section()), "unknown outcome 0"},
      {stream_of(failed("")), "no reason"},
      {stream_of(with_reason), "with a reason"},
      {stream_of(without_type), "facts_type is no name"},
      {stream_of(odd_type), "facts_type is no name"},
      {stream_of(failed_with_facts), "nothing observed"},
      {stream_of(odd_measurement), "a measurement named"},
      {delimited("\x18\x03\x22\x02\xff\xfe"), "not a muster.v1.Section"},
  };
  google::protobuf::LogSilencer quiet;
  for (const auto& test : cases) {
    EXPECT_THAT(error_of(test.bytes), HasSubstr(test.complaint));
  }
}

TEST(SectionStream, KeepsEachLimitAndRefusesOneMore) {
  v1::Section section = observed();
  section.set_facts(std::string(kFactsLimit, 'x'));
  for (int i = 0; i < kMeasurementLimit; ++i)
    section.add_measurements()->set_name("offset_seconds");
  EXPECT_TRUE(parse_section_stream(stream_of(section)).ok());

  v1::Section too_large = section;
  too_large.mutable_facts()->push_back('x');
  EXPECT_THAT(error_of(stream_of(too_large)), HasSubstr("facts of 3145729 bytes"));
  v1::Section too_many = section;
  too_many.add_measurements()->set_name("offset_seconds");
  EXPECT_THAT(error_of(stream_of(too_many)), HasSubstr("257 measurements"));

  std::string stream;
  for (size_t i = 0; i < kSectionLimit; ++i)
    stream += stream_of(failed("x"));
  EXPECT_TRUE(parse_section_stream(stream).ok());
  EXPECT_THAT(error_of(stream + stream_of(failed("x"))), HasSubstr("at most 256"));
}

TEST(SectionStream, CutsReasonsAndSubjects) {
  v1::Section section = failed(std::string(5000, 'r'));
  v1::Measurement& measurement = *section.add_measurements();
  measurement.set_name("bytes");
  measurement.set_subject(std::string(5000, 's'));
  const auto sections = parse_section_stream(stream_of(section));
  ASSERT_TRUE(sections.ok());
  EXPECT_THAT(sections->front().reason(), SizeIs(kReasonLimit));
  EXPECT_THAT(sections->front().measurements(0).subject(), SizeIs(kMeasurementSubjectLimit));
}

// Whatever comes in: no crash, and what is let through is within its bounds.
TEST(SectionStream, SurvivesTenThousandMutations) {
  google::protobuf::LogSilencer quiet;
  std::mt19937 random(20261121);
  const auto below = [&random](size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random);
  };
  const std::string seed = stream_of(observed()) + stream_of(failed("Permission denied"));
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes = seed;
    for (size_t changes = 1 + below(4); changes > 0; --changes) {
      const size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(below(256));
          break;
        case 1:
          bytes.erase(at, 1 + below(3));
          break;
        case 2:
          bytes.insert(at, 1 + below(3), static_cast<char>(below(256)));
          break;
        default:
          bytes.resize(at + 1);
      }
      if (bytes.empty()) bytes = "x";
    }
    const auto sections = parse_section_stream(bytes);
    if (!sections.ok()) continue;
    for (const v1::Section& section : *sections) {
      EXPECT_TRUE(is_valid_utf8(section.reason()));
      EXPECT_LE(section.reason().size(), kReasonLimit);
      EXPECT_EQ(section.outcome() == v1::OUTCOME_OBSERVED, section.reason().empty());
    }
  }
}

}  // namespace
}  // namespace muster::agent

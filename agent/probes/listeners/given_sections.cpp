#include "agent/probes/listeners/given_sections.h"

#include <fmt/format.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>

#include "common/text.h"

namespace muster::listeners {
namespace {

// Whether the section is one that says something; then its facts are taken.
template <typename Facts>
absl::StatusOr<bool> take_facts(const v1::Section& section, Facts& facts) {
  if (section.outcome() != v1::OUTCOME_OBSERVED) return false;
  if (section.facts().size() > kMostOfSection) {
    return absl::InvalidArgumentError(fmt::format("the section {} has more than {} MiB",
                                                  printable(section.probe(), 64),
                                                  kMostOfSection >> 20));
  }
  if (section.facts_type() != Facts::descriptor()->full_name() ||
      !facts.ParseFromString(section.facts())) {
    return absl::InvalidArgumentError(
        fmt::format("the section {} has other facts", printable(section.probe(), 64)));
  }
  return true;
}

}  // namespace

absl::StatusOr<Given> read_given(std::string_view bytes) {
  v1::GivenSections sections;
  if (bytes.size() > kMostGiven ||
      !sections.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError(
        fmt::format("there is no muster.v1.GivenSections of at most {} MiB", kMostGiven >> 20));
  }
  Given given;
  given.look = sections.look();
  given.all_questions = sections.all_questions();
  std::string why = "no section of it was given";
  bool has_sockets = false;
  for (const v1::Section& section : sections.sections()) {
    absl::StatusOr<bool> taken = false;
    if (section.probe() == "sockets") {
      taken = take_facts(section, given.sockets);
      has_sockets = taken.ok() && *taken;
      why = printable(section.reason());
    } else if (section.probe() == "certificates") {
      taken = take_facts(section, given.certificates);
    } else if (section.probe() == "listeners") {
      taken = take_facts(section, given.before);
    }
    if (!taken.ok()) return taken.status();
  }
  if (!has_sockets) {
    return absl::FailedPreconditionError(
        fmt::format("the probe \"sockets\" says which sockets there are: {}", why));
  }
  return given;
}

absl::StatusOr<std::string> given_by_hand(std::string_view sections) {
  v1::GivenSections given;
  given.set_all_questions(true);
  google::protobuf::io::ArrayInputStream bytes(sections.data(), static_cast<int>(sections.size()));
  for (;;) {
    bool is_end = false;
    v1::Section section;
    if (!google::protobuf::util::ParseDelimitedFromZeroCopyStream(&section, &bytes, &is_end)) {
      if (is_end) return given.SerializeAsString();
      return absl::InvalidArgumentError("stdin has something else than sections of probes");
    }
    *given.add_sections() = std::move(section);
  }
}

}  // namespace muster::listeners

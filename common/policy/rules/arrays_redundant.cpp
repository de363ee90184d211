// arrays_redundant: what the system keeps more than once, or reaches by more than one way, has all
// that it should: md, ZFS, LVM, btrfs, multipath and bonds.
#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/hardware_words.h"
#include "common/policy/rules/machine.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// Where arrays are told of.
constexpr std::array<std::string_view, 6> kSources = {"/sys/block",          "/proc/mdstat",
                                                      "/proc/spl/kstat/zfs", "/sys/fs/btrfs",
                                                      "/sys/class/net",      "/proc/net/bonding"};
constexpr size_t kMostNamed = 4;
constexpr size_t kLongestName = 64;
constexpr size_t kLongestDetail = 128;

// "; sdb1 failed (faulty), sdc1 is being filled": those that do not do their part, as far as the
// source still has them.
std::string lacking(const v1::RedundantArray& array) {
  FewTexts members(kMostNamed);
  for (const v1::ArrayMember& member : array.members()) {
    if (member.state() != v1::MEMBER_STATE_FAILED &&
        member.state() != v1::MEMBER_STATE_REBUILDING) {
      continue;
    }
    std::string text = printable(member.name(), kLongestName);
    text += member.state() == v1::MEMBER_STATE_FAILED ? " failed" : " is being filled";
    if (!member.detail().empty()) {
      text += fmt::format(" ({})", printable(member.detail(), kLongestDetail));
    }
    members.add(text, 256);
  }
  return members.empty() ? std::string() : "; " + members.joined();
}

// "1 of 2 disks work"; empty where the source does not count them.
std::string counts(const v1::RedundantArray& array) {
  if (array.members_wanted() == 0) return {};
  return fmt::format("{} of {} {} work", array.members_working(), array.members_wanted(),
                     member_word(array.kind()));
}

std::string joined(std::string_view state, const v1::RedundantArray& array) {
  const std::string count = counts(array);
  return fmt::format("{}{}{}{}", state, count.empty() ? "" : ": ", count, lacking(array));
}

Judgement judge_array(const v1::RedundantArray& array) {
  Judgement judgement{.subject = fmt::format("{} {}", array_kind_word(array.kind()),
                                             printable(array.name(), kLongestName))};
  switch (array.state()) {
    case v1::ARRAY_STATE_HEALTHY:
      judgement.kind = Kind::kMet;
      judgement.reason = joined("it is whole", array);
      return judgement;
    case v1::ARRAY_STATE_DEGRADED:
      judgement.kind = Kind::kUnmet;
      judgement.reason = joined("it is degraded", array);
      return judgement;
    case v1::ARRAY_STATE_REBUILDING:
      judgement.kind = Kind::kUnmet;
      judgement.reason =
          joined(array.has_percent() ? fmt::format("it is being rebuilt, {} %", array.percent())
                                     : std::string("it is being rebuilt"),
                 array);
      return judgement;
    case v1::ARRAY_STATE_FAILED:
      judgement.kind = Kind::kUnmet;
      judgement.severity = v1::SEVERITY_CRITICAL;
      judgement.reason = joined("it does not work", array);
      return judgement;
    default:
      judgement.reason =
          array.detail().empty()
              ? "its source does not tell how it is"
              : fmt::format("its source says only: {}", printable(array.detail(), kLongestDetail));
      return judgement;
  }
}

}  // namespace

RuleOutput judge_arrays_redundant(const RuleInput& input) {
  RuleOutput output;
  if (is_container(input)) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "it is a container: its disks are its host's"});
    return output;
  }
  const auto section = read_one_section<v1::HardwareFacts>(input, kHardwareProbe, output);
  if (section.facts == nullptr) return output;
  for (const v1::RedundantArray& array : section.facts->arrays())
    output.judgements.push_back(judge_array(array));
  for (const std::string_view source : kSources) {
    if (std::optional<Judgement> unread = judge_unread(section.facts->unreadable(), source))
      output.judgements.push_back(*std::move(unread));
  }
  if (output.judgements.empty()) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "nothing of it is there more than once"});
  }
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = section.holds_until;
  output.summary = machine_summary(output.judgements, "arrays", "are not whole", "are whole");
  return output;
}

}  // namespace muster::policy

// key_files_private: only its owner, root and the groups that `groups` names can read a private
// key. One that is encrypted is judged the same: its password may be guessed by whoever has the
// file.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/selector.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestPath = 4096;
constexpr size_t kLongestName = 64;
constexpr size_t kMostReaders = 4;

constexpr uint32_t kGroupReads = 0040;
constexpr uint32_t kGroupWrites = 0020;
constexpr uint32_t kOthersRead = 0004;
constexpr uint32_t kOthersWrite = 0002;

bool is_allowed(std::string_view group, const v1::KeyFile& key, const Globs& groups) {
  // A user's own group has the user's name; group 0 may have no name.
  if (group == "root" || group == "0" || group == key.owner()) return true;
  return std::any_of(groups.begin(), groups.end(),
                     [group](const std::string& glob) { return matches_glob(glob, group); });
}

// "user:backup", "group:ssl-cert".
bool is_allowed_reader(const std::string& reader, const v1::KeyFile& key, const Globs& groups) {
  constexpr std::string_view kUser = "user:";
  constexpr std::string_view kGroup = "group:";
  if (reader.starts_with(kUser)) {
    const std::string_view user = std::string_view(reader).substr(kUser.size());
    return user == "root" || user == "0" || user == key.owner();
  }
  return reader.starts_with(kGroup) &&
         is_allowed(std::string_view(reader).substr(kGroup.size()), key, groups);
}

struct Finding {
  FewTexts who{kMostReaders};
  // What chmod and setfacl are told.
  std::string modes;
  bool has_acl = false;

  void mode(bool is_so, std::string_view whom, std::string_view change) {
    if (!is_so) return;
    who.add(whom, 200);
    modes += (modes.empty() ? "" : ",") + std::string(change);
  }
};

// Behind a colon: "chmod o-r", "setfacl -b".
std::string remedy_of(const Finding& finding) {
  std::string remedy = finding.modes.empty() ? "" : "chmod " + finding.modes;
  if (finding.has_acl) remedy += (remedy.empty() ? "" : ", and ") + std::string("setfacl -b");
  return remedy;
}

Judgement judge_key(const v1::KeyFile& key, const Globs& groups) {
  // Not even that it is there could be seen well.
  if (key.owner().empty() && key.group().empty()) {
    return {.reason = fmt::format("who can read it is not known{}",
                                  key.error().empty() ? "" : ": " + printable(key.error(), 256))};
  }
  const std::string group = fmt::format("the group {}", printable(key.group(), kLongestName));
  const bool is_foreign = !is_allowed(key.group(), key, groups);
  const uint32_t mode = key.mode();
  Finding finding;
  finding.mode((mode & kOthersRead) != 0, "every user", "o-r");
  finding.mode((mode & kOthersWrite) != 0, "every user", "o-w");
  finding.mode(is_foreign && (mode & kGroupReads) != 0, group, "g-r");
  finding.mode(is_foreign && (mode & kGroupWrites) != 0, group, "g-w");
  // Whoever may write it can replace it.
  std::set<std::string> named(key.readers_by_acl().begin(), key.readers_by_acl().end());
  named.insert(key.writers_by_acl().begin(), key.writers_by_acl().end());
  for (const std::string& name : named) {
    if (is_allowed_reader(name, key, groups)) continue;
    finding.who.add(name);
    finding.has_acl = true;
  }
  const std::string owner = printable(key.owner(), kLongestName);
  if (finding.who.empty() && !key.access_list_error().empty()) {
    return {.reason = fmt::format(
                "{:04o}, of {}:{}, and whom its access control list lets read it is not known: {}",
                mode & 07777, owner, printable(key.group(), kLongestName),
                printable(key.access_list_error(), 256))};
  }
  if (finding.who.empty()) {
    return {.kind = Kind::kMet,
            .reason = fmt::format("{:04o}, of {}:{}", mode & 07777, owner,
                                  printable(key.group(), kLongestName))};
  }
  return {.kind = Kind::kUnmet,
          .reason = fmt::format("the key can be read or changed by {} ({:04o}, of {}:{}): {}",
                                finding.who.joined(), mode & 07777, owner,
                                printable(key.group(), kLongestName), remedy_of(finding))};
}

}  // namespace

RuleOutput judge_key_files_private(const RuleInput& input) {
  RuleOutput output;
  const auto section = read_one_section<v1::CertificateFacts>(input, kCertificateProbe, output);
  if (section.facts == nullptr) return output;
  const Globs& groups = input.globs("groups");
  size_t met = 0;
  for (const v1::KeyFile& key : section.facts->keys()) {
    Judgement judgement = judge_key(key, groups);
    judgement.subject = printable(key.path(), kLongestPath);
    judgement.holds_until = section.holds_until;
    if (judgement.kind == Kind::kMet) ++met;
    output.judgements.push_back(std::move(judgement));
  }
  // Keys lie where nobody may look.
  for (const v1::CertificateFile& directory : section.facts->unreadable_directories()) {
    output.judgements.push_back({.subject = printable(directory.path(), kLongestPath),
                                 .reason = directory.error().empty()
                                               ? "it could not be listed"
                                               : printable(directory.error(), 300),
                                 .holds_until = section.holds_until});
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Kind::kNotApplicable,
                                 .reason = "no private keys were found",
                                 .holds_until = section.holds_until});
  }
  if (met > 0 && met == output.judgements.size()) {
    output.summary =
        fmt::format("{} private key{} can be read by nobody else", met, met == 1 ? "" : "s");
  }
  return output;
}

}  // namespace muster::policy

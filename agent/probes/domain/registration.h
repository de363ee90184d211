#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace muster::domains {

// What one answer of a registry or registrar, by RDAP or WHOIS, says. A name that is free, a name
// that is registered and an answer that says neither are never taken for each other.
enum class AnswerKind {
  kUnreadable,  // neither one nor the other could be told: never a date, never "free"
  kRegistered,
  kFree,       // the registry says that there is no such domain
  kReserved,   // cannot be registered, and is not
  kThrottled,  // asked too often, or over a quota: says nothing of the domain
  kRefused,    // the server does not answer this question: another registry's name, no permission
};

// A day or an instant that a registry gave.
struct RegistryTime {
  std::chrono::sys_seconds
      time;                 // UTC; where the answer names no zone, read as if it had named UTC
  bool zone_named = false;  // false: up to a day from the truth
};

// A registered domain as its registry describes it. All texts are printable UTF-8 and bounded.
struct Registration {
  AnswerKind kind = AnswerKind::kUnreadable;
  std::string domain;  // lower case, as answered, punycode; empty where the answer names none
  std::optional<RegistryTime> expires;  // absent: the registry publishes none
  std::optional<RegistryTime> created;
  std::optional<RegistryTime> changed;
  std::string registrar;
  std::vector<std::string>
      statuses;  // EPP's names in camelCase where they can be mapped; sorted, unique
  std::vector<std::string> name_servers;  // lower case, no last dot; sorted, unique
  std::optional<bool> delegation_signed;  // whether the registry has a DS record; absent: not said
  std::string referral;                   // the server that knows more; empty: none named
  bool partial = false;  // the answer is cut, or says so: what is missing here may be so
  std::string reason;    // why it is neither kRegistered nor kFree, in words; else empty
};

}  // namespace muster::domains

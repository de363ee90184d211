// What the reader of policies says of a text, for tables of bad ones.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/policy_file.h"

namespace muster::policy {

// A policy as short as one may be; what is put behind it begins in line 3.
inline const std::string shortest_policy =
    "controls:\n  - {id: a, title: A, rule: host_reporting}\n";

struct BadPolicy {
  // Behind shortest_policy.
  std::string text;
  std::string complaint;
};

inline std::string complaint_of(const std::string& text) {
  return std::string(parse_policy(text, "p.yml").status().message());
}

inline void expect_complaints(const std::vector<BadPolicy>& table) {
  for (const BadPolicy& bad : table)
    EXPECT_EQ(complaint_of(shortest_policy + bad.text), bad.complaint) << bad.text;
}

// "begin" and so many items: "[0, 1, 2]".
inline std::string list_of(size_t count, const std::string& begin = "") {
  std::string text = "[";
  for (size_t i = 0; i < count; ++i)
    text += (i == 0 ? "" : ", ") + begin + std::to_string(i);
  return text + "]";
}

}  // namespace muster::policy
